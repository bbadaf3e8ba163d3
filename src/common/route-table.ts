import type { FastifyInstance } from 'fastify';

/** Every route of the application, so that a known address with the wrong method can be told from an unknown one. */
export class RouteTable {
  private readonly methodsByPattern = new Map<string, Set<string>>();

  /** Routes are reported as they are added: call this before the application is initialised. */
  listen(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      const methods = this.methodsByPattern.get(url) ?? new Set<string>();
      for (const name of [method].flat()) {
        methods.add(name.toUpperCase());
      }
      this.methodsByPattern.set(url, methods);
    });
  }

  /** Methods that the address takes; empty for an address that no route has. */
  methodsOf(path: string): string[] {
    const found = [...this.methodsByPattern]
      .filter(([pattern]) => matches(pattern, path))
      .flatMap(([, methods]) => [...methods]);
    return [...new Set(found)].sort();
  }
}

/** Fastify's patterns: `:name` stands for one segment, a last `*` for all that follow. */
function matches(pattern: string, path: string): boolean {
  const expected = pattern.split('/');
  const given = path.split('/');
  const hasRest = expected.at(-1) === '*';
  const fixed = hasRest ? expected.slice(0, -1) : expected;
  return (
    (hasRest ? given.length >= fixed.length : given.length === fixed.length) &&
    fixed.every((segment, index) => segment === given[index] || (segment.startsWith(':') && given[index] !== ''))
  );
}
