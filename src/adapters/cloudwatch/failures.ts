import { Failure } from '../../core/failure.ts';
import type { FailureKind } from '../../core/failure.ts';
import { redact } from '../../core/redact.ts';

/** The SDK's errors as ours. It has tried again by itself where that may help. */
export function failureOf(error: unknown, name: string, { limitMs }: { readonly limitMs: number }): Failure {
  if (error instanceof Failure) return error;
  const { code, status, words } = partsOf(error);
  if (code === 'AbortError' || code === 'TimeoutError')
    return new Failure('timeout', `${name}: no answer within ${limitMs} ms`, { cause: error });
  const kind = kindOf(code, status);
  // Its words about credentials name files, never their content.
  return new Failure(kind, `${name}: ${words}`, { cause: error });
}

function kindOf(code: string, status: number): FailureKind {
  if (/^AccessDenied|^UnauthorizedOperation$|^AuthorizationError$/.test(code)) return 'forbidden';
  if (
    /^(UnrecognizedClientException|InvalidClientTokenId|SignatureDoesNotMatch|MissingAuthenticationToken|InvalidSignatureException)/.test(
      code,
    ) ||
    /^ExpiredToken|^CredentialsProviderError$|^TokenProviderError$/.test(code)
  )
    return 'unauthorised';
  if (/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/.test(code) || status === 429) return 'too many requests';
  if (/^E[A-Z_]+$|^UND_ERR/.test(code)) return 'unreachable';
  if (status === 403) return 'forbidden';
  if (status >= 500) return 'server error';
  return status >= 400 ? 'invalid' : 'unreachable';
}

function partsOf(error: unknown): { readonly code: string; readonly status: number; readonly words: string } {
  if (!(error instanceof Error)) return { code: '', status: 0, words: 'it failed without a reason' };
  const connection = 'code' in error && typeof error.code === 'string' ? error.code : null;
  const metadata = '$metadata' in error ? error.$metadata : null;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? Number(metadata.httpStatusCode)
      : 0;
  const code = connection !== null && /^E[A-Z_]+$/.test(connection) ? connection : error.name;
  const said = connection === 'ECONNREFUSED' ? 'connection refused' : `${error.name}: ${error.message}`;
  return { code, status: Number.isNaN(status) ? 0 : status, words: redact(said).replaceAll(/\s+/g, ' ').slice(0, 400) };
}
