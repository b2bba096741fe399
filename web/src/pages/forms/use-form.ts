/** A form: its values, what is wrong with them, and the one call that it makes. */
import { type FormEvent, useRef, useState } from 'react';
import { ApiError } from '@/api';

export interface FormOptions<Values> {
  readonly initial: Values;
  /** What is wrong before anything is sent; a sentence for each part. */
  readonly check?: (values: Values) => Partial<Record<keyof Values, string>>;
  /** @throws ApiError: with a field that the form has it stands there, else above the form. */
  readonly submit: (values: Values) => Promise<unknown>;
}

export interface Form<Values> {
  readonly values: Values;
  readonly set: <Name extends keyof Values>(name: Name, value: Values[Name]) => void;
  readonly errors: Partial<Record<keyof Values, string>>;
  /** What the server refused as a whole. */
  readonly failure: ApiError | null;
  readonly busy: boolean;
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
}

export function useForm<Values extends Record<string, unknown>>({ initial, check, submit }: FormOptions<Values>): Form<Values> {
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Partial<Record<keyof Values, string>>>({});
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);

  const refuse = (form: HTMLFormElement, found: Partial<Record<keyof Values, string>>): void => {
    setErrors(found);
    // After the sentences are on the page; the first part that is wrong gets the focus.
    requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };

  const send = async (form: HTMLFormElement): Promise<void> => {
    setBusy(true);
    running.current = true;
    try {
      await submit(values);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const field = error.field?.split('.')[0];
      if (field !== undefined && field in values) refuse(form, { [field]: error.message } as Partial<Record<keyof Values, string>>);
      else setFailure(error);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };

  return {
    values,
    errors,
    failure,
    busy,
    set: (name, value) => {
      setValues((now) => ({ ...now, [name]: value }));
      setErrors(({ [name]: _, ...rest }) => rest as Partial<Record<keyof Values, string>>);
    },
    onSubmit: (event) => {
      event.preventDefault();
      if (running.current) return;
      setFailure(null);
      const found = check?.(values) ?? {};
      if (Object.keys(found).length > 0) refuse(event.currentTarget, found);
      else {
        setErrors({});
        void send(event.currentTarget);
      }
    },
  };
}

/** Close enough to tell a slip of the finger; the server has the last word. */
export function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim());
}
