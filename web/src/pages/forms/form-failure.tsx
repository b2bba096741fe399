import type { ApiError } from '@/api';
import { Banner } from '@/design';

/** What the server refused as a whole, above the parts of a form. */
export function FormFailure({ failure }: { failure: ApiError | null }) {
  if (!failure) return null;
  return (
    <Banner tone="wrong" announce="alert" code={failure.code}>
      {failure.message}
    </Banner>
  );
}
