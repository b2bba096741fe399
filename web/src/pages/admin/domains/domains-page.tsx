import { AdminSection } from '../admin-section';
import { ConversationDomains } from './conversation-domains';
import { DomainList } from './domain-list';
import { DomainRules } from './domain-rules';
import { PeopleDomains } from './people-domains';

/** Data domains, what may cross between them, and who is in which. */
export function DomainsPage() {
  return (
    <AdminSection name="domains">
      <DomainList />
      <DomainRules />
      <ConversationDomains />
      <PeopleDomains />
    </AdminSection>
  );
}
