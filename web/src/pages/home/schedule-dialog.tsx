import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api } from '@/api';
import { Dialog, useToast } from '@/design';
import { MeetingForm } from '@/pages/meeting-form/meeting-form';
import { keepMeeting } from '@/pages/queries';

export function ScheduleDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const { t } = useTranslation('meetings');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const toast = useToast();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('schedule.title')}>
      <MeetingForm
        action={t('schedule.action')}
        onCancel={() => onOpenChange(false)}
        submit={async ({ agenda, ...input }) => {
          const meeting = await api.meetings.create({ ...input, agenda: agenda.map(({ title, minutes }) => ({ title, minutes })) });
          keepMeeting(queries, meeting);
          onOpenChange(false);
          toast(t('schedule.done'), { tone: 'good' });
          // Its page has the link, which is what one wants next.
          void navigate(`/meetings/${meeting.id}`);
        }}
      />
    </Dialog>
  );
}
