/** The sub-pages for those who govern chat, in the order in which they are listed. */
import { Archive, BellRing, Bot, Building2, Captions, Disc, Globe, ScrollText, ShieldAlert } from 'lucide-react';

export const adminPlaces = [
  { name: 'dlp', path: '/admin/dlp', icon: ShieldAlert },
  { name: 'domains', path: '/admin/domains', icon: Building2 },
  { name: 'guests', path: '/admin/guests', icon: Globe },
  { name: 'retention', path: '/admin/retention', icon: Archive },
  { name: 'recording', path: '/admin/recording', icon: Disc },
  { name: 'captions', path: '/admin/captions', icon: Captions },
  { name: 'notifications', path: '/admin/notifications', icon: BellRing },
  { name: 'apps', path: '/admin/apps', icon: Bot },
  { name: 'audit', path: '/admin/audit', icon: ScrollText },
] as const;
