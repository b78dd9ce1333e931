import createClient, { type Middleware } from "openapi-fetch";

import { readProblem, Unreachable } from "./problem";
import type { paths } from "./schema";

const refusals: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await readProblem(response);
    return response;
  },
  onError() {
    return new Unreachable();
  },
};

/** The generated, typed client of the REST API; the session cookie travels by itself. */
export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use(refusals);

/**
 * Returns the body of a call; refusals were already thrown as `ApiError`.
 *
 * Usage: `useQuery({ queryKey, queryFn: () => body(api.GET("/api/v1/projects")) })`.
 */
export async function body<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
