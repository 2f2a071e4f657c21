import { Agent, fetch } from "undici";
import { createAuthority } from "../../src/lab/certificates.ts";
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from "../../src/lab/control-plane.ts";
import { holdWorld } from "../../src/lab/held-world.ts";
import type { World } from "../../src/lab/world.ts";

/** An answer as a test looks at it; `body` is the parsed JSON, or the text when it is none. */
export interface Seen {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** Sends requests to one lab over HTTPS, trusting its authority only. */
export interface ArmClient extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  /** `path` may be absolute. Without `token` a good one is sent; null sends none. The api-version is added when missing. */
  ask(
    path: string,
    more?: { method?: string; body?: string; token?: string | null; headers?: Record<string, string>; version?: false },
  ): Promise<Seen>;
  /** All items of a list, and the sizes of its pages. */
  pages(path: string): Promise<{ names: string[]; sizes: number[] }>;
}

export async function startArm(world: World, options: Partial<ControlPlaneOptions> = {}): Promise<ArmClient> {
  const authority = await createAuthority("test");
  const controlPlane = await startControlPlane(holdWorld(world), authority, {
    pageSize: 100,
    pendingPolls: 0,
    writable: false,
    tokenLifetimeSeconds: 3600,
    refuseSecret: false,
    ...options,
  });
  const dispatcher = new Agent({ connect: { ca: authority.pem } });
  const ask: ArmClient["ask"] = async (path, more = {}) => {
    const absolute = path.startsWith("https:") ? path : `${controlPlane.endpoint}${path}`;
    const url =
      more.version === false || absolute.includes("api-version=")
        ? absolute
        : `${absolute}${absolute.includes("?") ? "&" : "?"}api-version=2024-01-01`;
    const token = more.token === undefined ? controlPlane.tokens.issue("https://management.azure.com") : more.token;
    const response = await fetch(url, {
      method: more.method ?? "GET",
      ...(more.body === undefined ? {} : { body: more.body }),
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...more.headers },
      dispatcher,
      signal: AbortSignal.timeout(5000),
    });
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), body: parsed(text) };
  };
  return {
    controlPlane,
    ask,
    async pages(path) {
      const names: string[] = [];
      const sizes: number[] = [];
      for (let next: string | undefined = path; next !== undefined;) {
        const body = (await ask(next)).body as { value: { name: string }[]; nextLink?: string };
        names.push(...body.value.map(({ name }) => name));
        sizes.push(body.value.length);
        next = body.nextLink;
      }
      return { names, sizes };
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.close();
      await controlPlane.close();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The code of an error body, wrapped or bare. */
export function codeOf(body: unknown): string | undefined {
  const shape = body as { error?: { code?: string }; code?: string } | null;
  return shape?.error?.code ?? shape?.code;
}
