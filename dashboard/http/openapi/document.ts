/** The API described for programs: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1). */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { version } from "../../../package.json";
import { jsonResponse } from "./responses.ts";

type Document = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;

const INFO = {
  openapi: "3.1.0",
  info: {
    title: "brood",
    version,
    description:
      "One process per client. Times are ISO 8601 or milliseconds, sizes are bytes. A child is named by the ID " +
      "of its session, which is never reused.",
    license: { name: "MIT", identifier: "MIT" },
  },
  servers: [{ url: "/" }],
  security: [{ password: [] }, {}],
};

/** Responses that any request may get. */
const COMMON_RESPONSES = {
  401: { description: "A password is required" },
  403: { description: "A foreign Host, another site, a child, or a user who may only watch" },
  429: { description: "Too many wrong passwords came from this address" },
};

/** Describes every route that `app` has by now. */
export function describeApi(app: OpenAPIHono): Document {
  const document = app.getOpenAPI31Document(INFO);
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of ["get", "post", "delete"] as const) {
      const operation = item[method];
      if (operation === undefined) continue;
      operation.operationId = operationId(method, path);
      operation.responses = { ...COMMON_RESPONSES, ...operation.responses };
    }
  }
  return {
    ...document,
    components: {
      ...document.components,
      securitySchemes: {
        password: {
          type: "http",
          scheme: "basic",
          description:
            "Required if the server has a password. The user name can be anything; it is logged.",
        },
      },
    },
  };
}

/** `GET /api/children/{id}/series` → `getApiChildrenIdSeries` */
function operationId(method: string, path: string): string {
  const words = path.match(/\w+/g) ?? [];
  return [method, ...words.map((word) => word[0]?.toUpperCase() + word.slice(1))].join("");
}

const documentRoute = createRoute({
  method: "get",
  path: "/api/openapi.json",
  summary: "This description",
  responses: { 200: jsonResponse(z.looseObject({}), "An OpenAPI 3.1 document") },
});

/** Serves the description of all routes of `app`, those added later too. */
export function serveDocument(app: OpenAPIHono): void {
  let document: object | undefined;
  app.openapi(documentRoute, (c) => {
    document ??= describeApi(app);
    return c.json(document, 200);
  });
}
