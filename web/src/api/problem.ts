/** What the API answers when it refuses (RFC 9457 problem+json), as an Error. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** What a program may want to know: names, numbers, limits. */
  readonly facts: Record<string, unknown>;

  constructor(status: number, problem: Record<string, unknown>) {
    const { title, detail, code } = problem;
    super(text(detail) ?? text(title) ?? `The server answered ${String(status)}.`);
    this.name = "ApiError";
    this.status = status;
    this.code = text(code) ?? `http_${String(status)}`;
    this.title = text(title) ?? titleOf(status);
    this.facts = isRecord(problem.details) ? problem.details : {};
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  constructor() {
    super("The Visionloop server does not answer. Start it with: visionloop up");
    this.name = "Unreachable";
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function titleOf(status: number): string {
  if (status === 401) return "Not signed in";
  if (status === 403) return "Not allowed";
  if (status === 404) return "Not found";
  if (status === 409) return "Conflict";
  if (status >= 500) return "The server failed";
  return "The request was refused";
}

/** Reads a refusing response into an {@link ApiError}, whatever its body is. */
export async function readProblem(response: Response): Promise<ApiError> {
  try {
    const body: unknown = await response.clone().json();
    if (isRecord(body)) return new ApiError(response.status, normalise(body));
  } catch {
    // Not JSON: fall through to the bare status.
  }
  return new ApiError(response.status, {});
}

/** FastAPI's own validation answer carries a list in `detail`; make it one sentence. */
function normalise(body: Record<string, unknown>): Record<string, unknown> {
  if (!Array.isArray(body.detail)) return body;
  const parts = body.detail.map((item: { loc?: unknown[]; msg?: string }) => {
    const where = (item.loc ?? []).slice(1).join(".");
    return where ? `${where}: ${item.msg ?? "invalid"}` : (item.msg ?? "invalid");
  });
  return { ...body, title: "Invalid input", detail: parts.join("; ") };
}
