import { Clapperboard, Ellipsis, LogOut, MessagesSquare, Search, Settings, ShieldCheck, Users, Video } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, Outlet, ScrollRestoration, useLocation, useNavigate } from 'react-router';
import type { Person } from '@/api';
import { ChatHost } from '@/chat/chat-host';
import { useChatUnread } from '@/chat/use-chat-unread';
import { Avatar, Badge, Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger, VisuallyHidden } from '@/design';
import { useOpenSearch } from '@/search/search-context';
import { SearchHost } from '@/search/search-host';
import { Mark } from './mark';
import { RequireAccount } from './require-account';
import styles from './shell.module.css';
import { useArchiveNews } from './use-archive-news';
import { useSignOut } from './use-sign-out';

/** The frame of all pages for people with an account: rail on the left, bar at the bottom of a phone. */
export function Shell() {
  return (
    <RequireAccount>
      {(person) =>
        person ? (
          <ChatHost person={person}>
            <SearchHost>
              <Frame person={person} />
            </SearchHost>
          </ChatHost>
        ) : (
          <Frame person={null} />
        )
      }
    </RequireAccount>
  );
}

function Frame({ person }: { person: Person | null }) {
  const { t } = useTranslation();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  // A guest has his conversations and where he was recorded, and nothing else here.
  const guest = person?.role === 'guest';
  const news = useArchiveNews(person !== null && !guest);
  const governs = person?.role === 'owner' || person?.role === 'admin';
  const astray = guest && !/^\/(chat|settings|archive)(\/|$)/.test(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    const withinChat = shown.current.startsWith('/chat') && pathname.startsWith('/chat');
    shown.current = pathname;
    // From conversation to conversation the field has the focus.
    if (withinChat) return;
    // Whoever goes on by keyboard or ear begins at the new page, not at its frame.
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        {t('nav.skip')}
      </a>
      <nav className={styles.rail} aria-label={t('nav.label')}>
        <Link to="/" className={styles.home} aria-label={t('nav.home')}>
          <Mark size={36} />
        </Link>
        <ul className={styles.places}>
          {!guest && (
            <Place to="/" icon={<Video size={20} aria-hidden="true" />} also="/meetings">
              {t('nav.meet')}
            </Place>
          )}
          <ChatPlace />
          {!guest && (
            <Place to="/people" icon={<Users size={20} aria-hidden="true" />}>
              {t('nav.people')}
            </Place>
          )}
          <Place
            to="/archive"
            icon={<Clapperboard size={20} aria-hidden="true" />}
            count={news}
            counted={t('nav.news', { count: news })}
            onlyWide={!guest}
          >
            {t('nav.archive')}
          </Place>
          <SearchPlace />
          {governs && (
            <Place to="/admin" icon={<ShieldCheck size={20} aria-hidden="true" />} onlyWide>
              {t('nav.admin')}
            </Place>
          )}
          <Place to="/settings" icon={<Settings size={20} aria-hidden="true" />} onlyWide={!guest}>
            {t('nav.settings')}
          </Place>
          {!guest && <MorePlaces governs={governs} news={news} />}
        </ul>
        {person && <AccountMenu person={person} />}
      </nav>
      <main ref={main} id="main" className={styles.main} tabIndex={-1}>
        {astray ? <Navigate to="/chat" replace /> : person && <Outlet />}
      </main>
      <ScrollRestoration />
    </div>
  );
}

function ChatPlace() {
  const { t } = useTranslation();
  const unread = useChatUnread();
  return (
    <Place to="/chat" icon={<MessagesSquare size={20} aria-hidden="true" />} count={unread} counted={t('nav.unread', { count: unread })}>
      {t('nav.chat')}
    </Place>
  );
}

/** Opens the search, which Ctrl or Cmd+K opens too. */
function SearchPlace() {
  const { t } = useTranslation();
  const open = useOpenSearch();
  return (
    <li>
      <button type="button" className={styles.place} aria-keyshortcuts="Control+K Meta+K" onClick={open}>
        <span className={styles.icon}>
          <Search size={20} aria-hidden="true" />
        </span>
        {t('nav.search')}
      </button>
    </li>
  );
}

/** On a phone: what has no room in the bar. */
function MorePlaces({ governs, news }: { readonly governs: boolean; readonly news: number }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { signOut } = useSignOut();
  return (
    <li className={styles.onlyNarrow}>
      <Menu>
        <MenuTrigger>
          <button
            type="button"
            className={styles.place}
            aria-current={/^\/(archive|settings|admin)(\/|$)/.test(pathname) ? 'true' : undefined}
          >
            <span className={styles.icon}>
              <Ellipsis size={20} aria-hidden="true" />
              <Count count={news} />
            </span>
            {t('nav.more')}
            {news > 0 && <VisuallyHidden>{t('nav.news', { count: news })}</VisuallyHidden>}
          </button>
        </MenuTrigger>
        <MenuContent side="top">
          <MenuItem icon={<Clapperboard size={20} aria-hidden="true" />} onSelect={() => void navigate('/archive')}>
            {t('nav.archive')}
            {news > 0 && <Badge tone="live">{news > 99 ? '99+' : news}</Badge>}
          </MenuItem>
          {governs && (
            <MenuItem icon={<ShieldCheck size={20} aria-hidden="true" />} onSelect={() => void navigate('/admin')}>
              {t('nav.admin')}
            </MenuItem>
          )}
          <MenuItem icon={<Settings size={20} aria-hidden="true" />} onSelect={() => void navigate('/settings')}>
            {t('nav.settings')}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<LogOut size={20} aria-hidden="true" />} onSelect={signOut}>
            {t('nav.signOut')}
          </MenuItem>
        </MenuContent>
      </Menu>
    </li>
  );
}

interface PlaceProps {
  readonly to: string;
  /** Addresses that begin so belong to this place too. */
  readonly also?: string;
  readonly icon: ReactNode;
  /** What waits there. */
  readonly count?: number;
  /** The same in words. */
  readonly counted?: string;
  /** On a phone it stands under "More". */
  readonly onlyWide?: boolean;
  readonly children: ReactNode;
}

function Count({ count }: { readonly count: number }) {
  return (
    count > 0 && (
      <span className={styles.count} aria-hidden="true">
        {count > 99 ? '99+' : count}
      </span>
    )
  );
}

function Place({ to, also, icon, count = 0, counted = '', onlyWide = false, children }: PlaceProps) {
  const { pathname } = useLocation();
  const here = pathname === to || (to !== '/' && pathname.startsWith(to)) || (also !== undefined && pathname.startsWith(also));
  return (
    <li className={onlyWide ? styles.onlyWide : undefined}>
      <Link to={to} className={styles.place} aria-current={pathname === to ? 'page' : here ? 'true' : undefined}>
        <span className={styles.icon}>
          {icon}
          <Count count={count} />
        </span>
        {children}
        {count > 0 && <VisuallyHidden>{counted}</VisuallyHidden>}
      </Link>
    </li>
  );
}

function AccountMenu({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { signOut } = useSignOut();
  return (
    <div className={styles.account}>
      <Menu>
        <MenuTrigger>
          <button type="button" className={styles.face} aria-label={t('nav.account', { name: person.name })} title={person.name}>
            <Avatar name={person.name} id={person.id} size={36} />
          </button>
        </MenuTrigger>
        <MenuContent side="right" align="end">
          <div className={styles.who}>
            <p className={styles.name}>{person.name}</p>
            <p className={styles.detail}>{person.email}</p>
            <p className={styles.detail}>{person.organisation.name}</p>
          </div>
          <MenuSeparator />
          <MenuItem icon={<LogOut size={20} aria-hidden="true" />} onSelect={signOut}>
            {t('nav.signOut')}
          </MenuItem>
        </MenuContent>
      </Menu>
    </div>
  );
}
