/** The API described for programs: OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1). */
import { version } from "../../../package.json";
import { OPERATIONS } from "./paths.ts";
import { type Properties, text } from "./schema.ts";
import { SCHEMAS } from "./schemas.ts";

export function openapi(): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "brood",
      version,
      description:
        "A process of its own for each client. Times are ISO 8601 or ms, sizes bytes. A child is " +
        "named by the id of its session, which is never used again.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    security: [{ password: [] }, {}],
    paths: paths(),
    components: {
      securitySchemes: {
        password: {
          type: "http",
          scheme: "basic",
          description: "Where the server has a password; any user name, which the log keeps.",
        },
      },
      schemas: SCHEMAS,
    },
  };
}

/** Whatever is asked for, these may be the answer. */
const ALWAYS = {
  401: { description: "the password is asked for" },
  403: { description: "a foreign Host, another site, or one who may only look" },
};

function paths(): Record<string, Record<string, object>> {
  const all: Record<string, Record<string, object>> = {};
  for (const [name, { summary, query = {}, header = {}, body, answers }] of Object.entries(
    OPERATIONS,
  )) {
    const [method = "", path = ""] = name.split(" ");
    all[path] ??= {};
    all[path][method.toLowerCase()] = {
      summary,
      operationId: operationId(method, path),
      parameters: [
        ...Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
          name,
          in: "path",
          required: true,
          schema: text,
        })),
        ...parameters("query", query),
        ...parameters("header", header),
      ],
      ...(body && { requestBody: { required: true, content: body } }),
      responses: { ...answers, ...ALWAYS },
      ...(/\/(healthz|readyz)$/.test(path) && { security: [] }),
    };
  }
  return all;
}

function parameters(place: string, schemas: Properties): object[] {
  return Object.entries(schemas).map(([name, schema]) => ({ name, in: place, schema }));
}

/** `GET /api/children/{id}/series` → `getApiChildrenIdSeries` */
function operationId(method: string, path: string): string {
  const words = path.match(/\w+/g) ?? [];
  return [
    method.toLowerCase(),
    ...words.map((word) => word[0]?.toUpperCase() + word.slice(1)),
  ].join("");
}
