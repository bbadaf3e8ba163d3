/** Quick to build, and every field that is required. */
export const TRAINING = {
  architecture: 'ssdlite320_mobilenet_v3_large',
  batch_size: 8,
  image_size: [320, 320],
  application_type: 'training',
};

export const INFERENCE = { ...TRAINING, application_type: 'inference' };

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Sends a body as JSON, or as it stands when it is a text. */
export async function post(
  url: string,
  body: unknown,
  contentType = 'application/json',
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const all = { ...headers, 'content-type': contentType };
  return reply(await fetch(url, { method: 'POST', headers: all, body: text }));
}

export async function get(url: string): Promise<Reply> {
  return reply(await fetch(url));
}

/** Without a body there is nothing to be told but the status. */
export async function remove(url: string): Promise<Reply> {
  return reply(await fetch(url, { method: 'DELETE' }));
}

async function reply(response: Response): Promise<Reply> {
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    headers: response.headers,
    body: response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>),
  };
}
