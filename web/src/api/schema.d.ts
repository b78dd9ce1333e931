/**
 * Interim shapes of the foundation routes; `npm run generate` replaces this file
 * with the whole OpenAPI document.
 */
interface Json<T> {
  headers: Record<string, unknown>;
  content: { "application/json": T };
}
interface NoParameters {
  query?: never;
  header?: never;
  path?: never;
  cookie?: never;
}
export interface paths {
  "/api/v1/session": {
    parameters: NoParameters;
    post: {
      parameters: NoParameters;
      requestBody: { content: { "application/json": { name: string; password: string } } };
      responses: { 200: Json<unknown> };
    };
    delete: {
      parameters: NoParameters;
      requestBody?: never;
      responses: { 204: { headers: Record<string, unknown>; content?: never } };
    };
  };
  "/api/v1/me": {
    parameters: NoParameters;
    get: {
      parameters: NoParameters;
      requestBody?: never;
      responses: {
        200: Json<{
          name: string;
          is_admin: boolean;
          grants: { project: string; workspace: string; role: string }[];
        }>;
      };
    };
  };
  "/api/v1/projects": {
    parameters: NoParameters;
    get: {
      parameters: NoParameters;
      requestBody?: never;
      responses: {
        200: Json<{
          items: {
            name: string;
            task: string;
            description: string;
            categories: { name: string; color: string; hotkey: string }[];
            created_at: string;
          }[];
        }>;
      };
    };
  };
  "/api/v1/projects/{project}/overview": {
    parameters: NoParameters;
    get: {
      parameters: { query?: never; header?: never; path: { project: string }; cookie?: never };
      requestBody?: never;
      responses: {
        200: Json<{
          elements: {
            key: string;
            state: string;
            headline: string;
            facts: { label: string; value: string }[];
            link: string;
          }[];
          running: {
            kind: string;
            id: string;
            title: string;
            state: string;
            progress: number | null;
            link: string;
          }[];
          recent_events: {
            id: string;
            time: string;
            type: string;
            subject: string;
            actor: string;
            summary: string;
          }[];
        }>;
      };
    };
  };
}
