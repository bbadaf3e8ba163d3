import { connect } from 'node:net';
import { get, post, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

describe('what cannot be read', () => {
  let service: RunningService;
  let url: string;

  beforeAll(async () => {
    service = await startService();
    url = `${service.url}/api/v1/estimate-resource`;
  });

  afterEach(() => {
    expect(service.measuring.asked).toHaveLength(0);
  });

  afterAll(() => service.stop());

  it.each([
    ['{"architecture": ', 'JSON that ends too early'],
    ["{'architecture': 1}", 'JSON with single quotes'],
    ['', 'no body'],
    ['{"batch_size": NaN}', 'NaN'],
  ])('is refused with 400: %s', async (body) => {
    const reply = await post(url, body);
    expect(reply).toMatchObject({ status: 400, body: { type: 'malformed-request', status: 400 } });
    expect(reply.contentType).toMatch('application/problem+json');
    expect(reply.body.detail).toMatch(/JSON/);
  });

  it.each(['[]', 'null', '7', '"text"', 'true', '[{"batch_size": 1}]'])(
    'is refused when it is no object: %s',
    async (body) => {
      const reply = await post(url, body);
      expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '#' }] } });
    },
  );

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])(
    'is refused with a field called %s, at any depth',
    async (name) => {
      const shallow = await post(url, `{"${name}": {"batch_size": 8}, ${JSON.stringify(TRAINING).slice(1)}`);
      expect(shallow).toMatchObject({ status: 422, body: { errors: [{ pointer: `#/${name}` }] } });
      const deep = await post(url, `{"image_size": [{"${name}": 1}], "batch_size": 8}`);
      expect(deep).toMatchObject({ status: 422, body: { errors: [{ pointer: `#/image_size/0/${name}` }] } });
    },
  );

  it('is refused when it is nested without end', async () => {
    const depth = 100_000;
    const reply = await post(url, `{"image_size": ${'['.repeat(depth)}${']'.repeat(depth)}}`);
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/image_size' }] } });
  });

  it('is refused when it has fields without number', async () => {
    const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`batch_size_${String(index)}`, 1]));
    const reply = await post(url, fields);
    expect(reply.status).toBe(422);
    expect((reply.body.errors as unknown[]).length).toBeLessThanOrEqual(50);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data; boundary=x'])(
    'is refused with 415 when it is %s',
    async (contentType) => {
      const reply = await post(url, JSON.stringify(TRAINING), contentType);
      expect(reply).toMatchObject({ status: 415, body: { type: 'unsupported-media-type' } });
      expect(reply.body.detail).toMatch('application/json');
    },
  );

  it('is refused with 413 when it is too large', async () => {
    const reply = await post(url, `{"architecture": "${'a'.repeat(1024 * 1024)}"}`);
    expect(reply).toMatchObject({ status: 413, body: { type: 'body-too-large' } });
    expect(reply.body.detail).toMatch('1048576');
  });

  it('is refused with 413 also to clients that listen only after the whole of it is sent', async () => {
    const body = 'a'.repeat(20_000_000);
    const head = `content-type: application/json\r\ncontent-length: ${String(body.length)}`;
    const answer = await exchange(url, `${head}\r\n\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch('"type":"body-too-large"');
  });

  it('is refused with 415 also to clients that listen only after the whole of it is sent', async () => {
    const body = 'a'.repeat(20_000_000);
    const head = `content-type: text/plain\r\ncontent-length: ${String(body.length)}`;
    expect(await exchange(url, `${head}\r\n\r\n${body}`)).toMatch(/^HTTP\/1\.1 415 /);
  });

  it('is refused with 413 to clients that never send the rest', async () => {
    const answer = await exchange(url, 'content-type: application/json\r\ncontent-length: 20000000\r\n\r\n{');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is refused with 413 when it comes in chunks', async () => {
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
    const head = 'content-type: application/json\r\ntransfer-encoding: chunked';
    const answer = await exchange(url, `${head}\r\n\r\n${chunk.repeat(40)}0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('an address', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await startService();
  });

  afterAll(() => service.stop());

  it.each(['/', '/api/v1/nothing', '/api/v2/estimate-resource', '/__proto__', '/api/v1/profiles/one'])(
    'that leads nowhere is a 404: %s',
    async (path) => {
      const { status, contentType, body } = await get(`${service.url}${path}`);
      expect({ status, body }).toMatchObject({ status: 404, body: { type: 'not-found', instance: path } });
      expect(contentType).toMatch('application/problem+json');
    },
  );

  it.each([
    ['GET', '/api/v1/estimate-resource', 'POST'],
    ['DELETE', '/api/v1/architectures', 'GET, HEAD'],
    ['PUT', '/api/v1/profiles/some/thing', 'DELETE, GET, HEAD'],
  ])('does not take %s when it is %s', async (method, path, allowed) => {
    const response = await fetch(`${service.url}${path}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allowed);
    expect(await response.json()).toMatchObject({ type: 'method-not-allowed', status: 405 });
  });

  it.each(['/api/v1/profiles/%FF/x', `/api/v1/profiles/one/${'a'.repeat(200)}`])(
    'that is not a proper one is a 400: %s',
    async (path) => {
      const { status, body } = await get(`${service.url}${path}`);
      expect({ status, body }).toMatchObject({ status: 400, body: { type: 'malformed-request', instance: path } });
    },
  );
});

/** Writes all of a request before it reads any of the answer. */
function exchange(url: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, pathname } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', reject);
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${request}`, () => {
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.on('close', () => resolve(answer));
    });
  });
}
