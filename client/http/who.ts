import type { FastifyRequest } from 'fastify';

/** Who acts: the body's `by`, else the header the command line sends, else the bearer of the operator token. */
export function whoOf(request: FastifyRequest, by: string | undefined): string {
  if (by !== undefined && by.trim() !== '') return by.trim();
  const header = request.headers['x-tocsin-by'];
  if (typeof header !== 'string' || header === '') return 'operator';
  try {
    return (
      decodeURIComponent(header)
        .replace(/[\u0000-\u001f\u007f]/g, '')
        .trim()
        .slice(0, 200) || 'operator'
    );
  } catch {
    return 'operator';
  }
}
