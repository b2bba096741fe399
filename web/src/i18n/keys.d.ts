/** English is the list of keys: a key that isn't there doesn't compile. */
import type admin from './en/admin.json';
import type agenda from './en/agenda.json';
import type archive from './en/archive.json';
import type auth from './en/auth.json';
import type chat from './en/chat.json';
import type common from './en/common.json';
import type meeting from './en/meeting.json';
import type meetings from './en/meetings.json';
import type people from './en/people.json';
import type quality from './en/quality.json';
import type recording from './en/recording.json';
import type search from './en/search.json';
import type settings from './en/settings.json';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: {
      admin: typeof admin;
      agenda: typeof agenda;
      archive: typeof archive;
      auth: typeof auth;
      chat: typeof chat;
      common: typeof common;
      meeting: typeof meeting;
      meetings: typeof meetings;
      people: typeof people;
      quality: typeof quality;
      recording: typeof recording;
      search: typeof search;
      settings: typeof settings;
    };
  }
}
