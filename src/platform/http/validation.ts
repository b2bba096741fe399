/** Checks what comes in against the Zod schemas of the route, and says what is wrong in the caller's language. */
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { CausewayError, type Language } from '../errors.js';

/** REQUEST_INVALID whose detail is there in each language. */
export class InvalidInput extends CausewayError {
  readonly #details: Readonly<Record<Language, string>>;

  constructor(field: string, details: Readonly<Record<Language, string>>) {
    super('REQUEST_INVALID', { fill: { detail: details.en }, ...(field ? { field } : {}) });
    this.#details = details;
  }

  override say(language: Language): string {
    return new CausewayError('REQUEST_INVALID', { fill: { detail: this.#details[language] } }).say(language);
  }
}

/** Zod's own sentences: its Traditional Chinese serves Hong Kong as well. */
const locales: Readonly<Record<Language, z.core.$ZodErrorMap>> = {
  en: z.locales.en().localeError,
  'zh-Hant': z.locales.zhTW().localeError,
  'zh-Hans': z.locales.zhCN().localeError,
};

export const validatorCompiler: FastifySchemaCompiler<z.core.$ZodType> =
  ({ schema }) =>
  (data: unknown) => {
    const result = z.safeParse(schema, data);
    return result.success ? { value: result.data } : { error: invalidInput(schema, data, result.error) };
  };

function invalidInput(schema: z.core.$ZodType, data: unknown, error: z.core.$ZodError): InvalidInput {
  const field = error.issues[0]?.path.map(String).join('.') ?? '';
  const say = (language: Language) => {
    const issue = z.safeParse(schema, data, { error: locales[language] }).error?.issues[0];
    return `${field}${field ? ': ' : ''}${issue?.message ?? error.message}`;
  };
  return new InvalidInput(field, { en: say('en'), 'zh-Hant': say('zh-Hant'), 'zh-Hans': say('zh-Hans') });
}
