/** Addresses of the page, and what stands around all of them. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ComponentType, useEffect } from 'react';
import { createBrowserRouter, Navigate, type RouteObject } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { ApiError, session } from '@/api';
import { ToastProvider, TooltipProvider } from '@/design';
import { loadWords } from '@/i18n';
import { AuthLayout } from '@/pages/auth/auth-layout';
import { NotFoundPage } from '@/pages/not-found-page';
import { CrashPage } from '@/shell/crash-page';
import { LoadingPage } from '@/shell/loading-page';
import { Shell } from '@/shell/shell';

const retries = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one, however often it is asked for.
      retry: (failures, error) => failures < retries && error instanceof ApiError && error.retryable,
    },
  },
});

const chatPage = async () => (await import('@/chat/chat-page')).ChatPage;

const routes: RouteObject[] = [
  {
    ErrorBoundary: CrashPage,
    HydrateFallback: LoadingPage,
    children: [
      {
        Component: Shell,
        children: [
          {
            ErrorBoundary: CrashPage,
            children: [
              { index: true, lazy: page(['meetings', 'agenda'], async () => (await import('@/pages/home/home-page')).HomePage) },
              { path: 'meetings', element: <Navigate to="/" replace /> },
              {
                path: 'meetings/:id',
                lazy: page(
                  ['meetings', 'archive', 'agenda'],
                  async () => (await import('@/pages/meeting-details/meeting-details-page')).MeetingDetailsPage,
                ),
              },
              {
                path: 'meetings/:id/quality',
                lazy: page(['meetings', 'quality'], async () => (await import('@/pages/quality/quality-page')).QualityPage),
              },
              { path: 'chat', lazy: page(['chat'], chatPage) },
              { path: 'chat/:conversationId', lazy: page(['chat'], chatPage) },
              { path: 'chat/:conversationId/:messageNumber', lazy: page(['chat'], chatPage) },
              { path: 'people', lazy: page(['people'], async () => (await import('@/pages/people/people-page')).PeoplePage) },
              {
                path: 'archive',
                lazy: page(['archive'], async () => (await import('@/pages/archive/library/library-page')).LibraryPage),
              },
              {
                path: 'archive/:id',
                lazy: page(['archive', 'chat'], async () => (await import('@/pages/archive/recording-page')).RecordingPage),
              },
              {
                path: 'admin',
                lazy: page(['admin'], async () => (await import('@/pages/admin/admin-page')).AdminPage),
                children: [
                  { path: 'dlp', lazy: page(['admin'], async () => (await import('@/pages/admin/dlp/dlp-page')).DlpPage) },
                  { path: 'domains', lazy: page(['admin'], async () => (await import('@/pages/admin/domains/domains-page')).DomainsPage) },
                  { path: 'guests', lazy: page(['admin'], async () => (await import('@/pages/admin/guests/guests-page')).GuestsPage) },
                  {
                    path: 'retention',
                    lazy: page(['admin'], async () => (await import('@/pages/admin/retention/retention-page')).RetentionPage),
                  },
                  {
                    path: 'recording',
                    lazy: page(['admin', 'recording'], async () => (await import('@/pages/admin/recording/recording-page')).RecordingPage),
                  },
                  {
                    path: 'captions',
                    lazy: page(['admin', 'recording'], async () => (await import('@/pages/admin/captions/captions-page')).CaptionsPage),
                  },
                  {
                    path: 'notifications',
                    lazy: page(['admin'], async () => (await import('@/pages/admin/notifications/notifications-page')).NotificationsPage),
                  },
                  { path: 'apps', lazy: page(['admin'], async () => (await import('@/pages/admin/apps/apps-page')).AppsPage) },
                  { path: 'audit', lazy: page(['admin'], async () => (await import('@/pages/admin/audit/audit-page')).AuditPage) },
                  { path: '*', element: <Navigate to="/admin" replace /> },
                ],
              },
              { path: 'settings', lazy: page(['settings'], async () => (await import('@/pages/settings/settings-page')).SettingsPage) },
            ],
          },
        ],
      },
      {
        lazy: page(['auth'], async () => AuthLayout),
        children: [
          { path: 'sign-in', lazy: page(['auth'], async () => (await import('@/pages/auth/sign-in-page')).SignInPage) },
          { path: 'setup', lazy: page(['auth'], async () => (await import('@/pages/auth/setup-page')).SetupPage) },
          {
            path: 'oauth/authorize',
            lazy: page(['auth', 'admin'], async () => (await import('@/pages/oauth/authorize-page')).AuthorizePage),
          },
          { path: 'invite', lazy: page(['auth'], async () => (await import('@/pages/auth/invite-page')).InvitePage) },
        ],
      },
      {
        path: 'shared-recording',
        lazy: page(['archive'], async () => (await import('@/pages/archive/shared/shared-recording-page')).SharedRecordingPage),
      },
      { path: 'm/:code', lazy: page(['meeting', 'recording', 'agenda', 'chat'], async () => (await import('@/meeting')).MeetingPage) },
      { path: '*', Component: NotFoundPage },
    ],
  },
];

const router = createBrowserRouter(routes);

export function App() {
  useEffect(() => {
    let person = session.get().account?.id;
    return session.subscribe(() => {
      const next = session.get().account?.id;
      // What one person saw is not for the next one at this screen.
      if (person !== undefined && next !== person) {
        queries.clear();
        void import('@/core/chat-keep').then(({ forgetChat }) => forgetChat());
      }
      person = next;
    });
  }, []);
  return (
    <QueryClientProvider client={queries}>
      <TooltipProvider>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </TooltipProvider>
    </QueryClientProvider>
  );
}

/** A page that is loaded when it is opened, together with its words, so that it appears at once and whole. */
function page(words: readonly string[], load: () => Promise<ComponentType>): () => Promise<{ Component: ComponentType }> {
  return async () => {
    const [Component] = await Promise.all([load(), loadWords(...words)]);
    return { Component };
  };
}
