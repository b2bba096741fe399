import { AdminSection } from '../admin-section';
import { Exports } from './exports';
import { Holds } from './holds';
import { MonthlyBackup } from './monthly-backup';
import { Policies } from './policies';

/** How long messages are kept, what is kept whatever the policies say, and what is handed out. */
export function RetentionPage() {
  return (
    <AdminSection name="retention">
      <Policies />
      <Holds />
      <MonthlyBackup />
      <Exports />
    </AdminSection>
  );
}
