import { useMemo } from 'react';
import { api } from '@/api';
import { Push } from '@/core';
import { currentLanguage, languages } from '@/i18n';

/** Pushes to this browser, for whoever is signed in. */
export function useOwnPush(personId: string): Push {
  return useMemo(
    () =>
      new Push({
        personId,
        language: () => languages.find(({ value }) => value === currentLanguage())?.value ?? 'en',
        server: {
          key: () => api.admin.notifications.pushKey(),
          subscribe: (body) => api.admin.notifications.subscribe(body),
          unsubscribe: () => api.admin.notifications.unsubscribe(),
        },
      }),
    [personId],
  );
}
