export interface Split {
  weights: Record<string, number>;
  mirrors: Record<string, number>;
}

/** Why a traffic split cannot be applied, or null. */
export function splitProblem({ weights }: Split): string | null {
  const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return total === 100 ? null : `Shares add up to ${String(total)} %; they must make 100 %.`;
}

/** The command that sends a photo to an endpoint from a terminal. */
export function curlCommand(url: string, withKey: boolean): string {
  const key = withKey ? ' -H "Authorization: Bearer $ENDPOINT_KEY"' : "";
  return `curl -sS ${url}/score${key} -H "Content-Type: image/jpeg" --data-binary @photo.jpg`;
}
