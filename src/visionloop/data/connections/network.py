"""The guard against being sent into our own network (server-side request forgery).

A name is resolved once, every address it has must be public, and the connection goes to the
address that was checked, so that a name which answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

import httpx

from visionloop.data.connections.errors import AddressRefused

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_CONNECT_S: Final = 10.0
_READ_S: Final = 60.0
_MAX_REDIRECTS: Final = 5


class HostUnknown(OSError):
    """No address is known for a name."""


def is_public(text: str) -> bool:
    """Tell whether an IP address can be reached by everybody on the internet."""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        else:
            address = address.ipv4_mapped or address.sixtofour or address
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Return the IP addresses of a host.

    Raises:
        HostUnknown: it has none.
        AddressRefused: one of them is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnknown(f"no address is known for {host!r}") from error
    addresses = [str(item[4][0]).partition("%")[0] for item in found]
    if not allow_private and not all(is_public(address) for address in addresses):
        raise AddressRefused(host, "it is a loopback or private address")
    return addresses


class GuardedTransport(httpx.BaseTransport):
    """Sends requests to addresses that were checked, and to no others.

    Args:
        allow_private: an administrator allows addresses that are not public, and plain HTTP.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._context = httpx.create_ssl_context()
        # One pool a name: two names may share an address, but never each other's connections.
        self._pools: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request, a redirect included, to the address that its host was checked for."""
        host = request.url.host
        if request.url.scheme != "https" and not self._allow_private:
            raise AddressRefused(host, "plain HTTP can be read and changed on the way")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        addresses = resolve(host, port, allow_private=self._allow_private)
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=addresses[0]),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions | {"sni_hostname": host},
        )
        return self._pool(host).handle_request(pinned)

    def close(self) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            pool.close()

    def _pool(self, host: str) -> httpx.HTTPTransport:
        if host not in self._pools:
            self._pools[host] = httpx.HTTPTransport(verify=self._context, retries=1)
        return self._pools[host]


def guarded_client(*, allow_private: bool) -> httpx.Client:
    """Return an HTTP client that cannot be sent into our own network.

    Proxies of the environment are left out, because behind one nobody can check the address.
    """
    return httpx.Client(
        transport=GuardedTransport(allow_private=allow_private),
        timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S),
        follow_redirects=True,
        max_redirects=_MAX_REDIRECTS,
        trust_env=False,
    )
