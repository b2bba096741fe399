import { useQuery } from '@tanstack/react-query';
import { useCallback, useDeferredValue, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { api, getAccessToken, hasCode, type MeetingFace, type Person, type ServerFace, signInAsGuest, useSession } from '@/api';
import { gatewayUrlsOf, LocalMedia, loadDevice, MeetingClient, type Phase, Speaking, useStore } from '@/core';
import { Skeleton, SkeletonGroup } from '@/design';
import { currentLanguage } from '@/i18n';
import { AudienceDoor } from './audience-door';
import { DeviceCheck } from './device-check';
import deviceCheckStyles from './device-check.module.css';
import { type Ending, EndPage } from './end-page';
import { endingOf, mayComeBack } from './endings';
import { Lobby } from './lobby';
import { LocalMediaContext } from './local-media-context';
import { MeetingContext, type MeetingParts } from './meeting-context';
import { ConsentDoor } from './recording/consent-door';
import { Room } from './room';

/** /m/:code: from the link to the meeting and out again. */
export function MeetingPage() {
  const { code = '' } = useParams();
  const [visit, setVisit] = useState(0);
  const again = useCallback(() => setVisit((count) => count + 1), []);
  return <Door key={`${code} ${visit}`} code={code} onAgain={again} />;
}

interface DoorProps {
  readonly code: string;
  readonly onAgain: () => void;
}

/** What stands on the door: is there such a meeting, and who is in front of it. */
function Door({ code, onAgain }: DoorProps) {
  const { t } = useTranslation('meeting');
  const { person, loading } = useSession({ guestOf: code });
  const face = useQuery({
    queryKey: ['meeting-face', code],
    queryFn: ({ signal }) => api.meetings.face(code, signal),
    gcTime: 0,
    retry: false,
    // Once inside, the socket tells what happens; the door is not looked at again.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const server = useQuery({ queryKey: ['server'], queryFn: ({ signal }) => api.server(signal), staleTime: Number.POSITIVE_INFINITY });
  const end: VisitProps['end'] = (ending, error, recordingId = null) => (
    <EndPage
      ending={ending}
      title={face.data?.title ?? null}
      error={error}
      onRejoin={mayComeBack(ending) ? onAgain : null}
      signedIn={person !== null && person.role !== 'guest'}
      code={code}
      meetingId={face.data?.id ?? null}
      recordingId={recordingId}
    />
  );
  useEffect(() => {
    if (face.data) document.title = t('documentTitle', { title: face.data.title });
  }, [face.data, t]);

  const problem = face.error ?? server.error;
  if (hasCode(problem, 'MEETING_NOT_FOUND')) return end('notFound');
  if (hasCode(problem, 'MEETING_ENDED') || face.data?.status === 'ended') return end('over');
  if (problem) return end('failed', { message: problem.message, code: hasCode(problem, 'NETWORK') ? 'NETWORK' : '' });
  if (!face.data || !server.data || loading) return <Coming />;
  return <Visit face={face.data} server={server.data} person={person} end={end} />;
}

interface VisitProps {
  readonly face: MeetingFace;
  readonly server: ServerFace;
  readonly person: Person | null;
  readonly end: (ending: Ending, error?: { message: string; code: string }, recordingId?: string | null) => React.ReactNode;
}

/**
 * Whether this is the door of a webinar's audience: who has a part on stage is a host, or is told so
 * when he is in. Null: not known yet.
 */
function useWatches(face: MeetingFace, person: Person | null): boolean | null {
  const asks = face.kind === 'webinar' && person !== null && person.role !== 'guest';
  const meeting = useQuery({
    queryKey: ['meeting', face.id, 'mine'],
    queryFn: ({ signal }) => api.meetings.get(face.id, signal),
    enabled: asks,
    retry: false,
    gcTime: 0,
    // Who becomes a host meanwhile stays where he is.
    staleTime: Number.POSITIVE_INFINITY,
    select: ({ mine }) => mine,
  });
  if (face.kind !== 'webinar') return false;
  if (!asks) return true;
  // Colleagues who were never in it may not look at it: they come to watch.
  return meeting.isPending ? null : meeting.data !== true;
}

/** One visit: device check, perhaps the waiting room, the meeting, the end. */
function Visit({ face, server, person, end }: VisitProps) {
  const watches = useWatches(face, person);
  const [local, setLocal] = useState<LocalMedia | null>(null);
  const [parts, setParts] = useState<MeetingParts | null>(null);
  const [busy, setBusy] = useState(false);
  const [wantsIn, setWantsIn] = useState(false);
  const [guestProblem, setGuestProblem] = useState<{ message: string; code: string } | null>(null);
  const [device] = useState(() => {
    const loading = loadDevice(server.rtpCapabilities);
    // What it throws is said when somebody wants to join.
    loading.catch(() => undefined);
    return loading;
  });
  // A guest who corrects the name stays the same person, and is known to the socket by the name of its hello.
  const who = person === null ? null : `${person.id} ${person.name}`;

  useEffect(() => {
    const opened = new LocalMedia();
    setLocal(opened);
    return () => opened.close();
  }, []);

  // Connected while the person still looks into the mirror: joining is then a single round trip.
  useEffect(() => {
    if (!local || who === null || watches === null) return;
    const client = createClient(face, server, local, device);
    const speaking = new Speaking(client.media, local);
    const link = `${location.origin}/m/${face.code}`;
    setParts({ client, local, speaking, link, watches, chatCharacters: server.chatBodyCharacters, chatRecallMs: server.chatRecallMs });
    client.prepare();
    return () => {
      speaking.close();
      client.close();
      setParts(null);
    };
  }, [local, who, face, server, device, watches]);

  useEffect(() => {
    if (wantsIn && parts) void parts.client.join();
  }, [wantsIn, parts]);

  const join = async (name: string | null): Promise<void> => {
    setGuestProblem(null);
    setBusy(true);
    try {
      if (name !== null) await signInAsGuest(face.code, name);
      setWantsIn(true);
    } catch (error) {
      setBusy(false);
      setGuestProblem({ message: error instanceof Error ? error.message : '', code: codeOf(error) });
    }
  };

  if (!local || watches === null) return <Coming />;
  const Check = watches ? AudienceDoor : DeviceCheck;
  const check = <Check face={face} person={person} busy={busy} problem={guestProblem} onJoin={(name) => void join(name)} />;
  return (
    <LocalMediaContext value={local}>
      {parts ? (
        <MeetingContext value={parts}>
          <Phases parts={parts} face={face} check={check} end={end} />
        </MeetingContext>
      ) : (
        check
      )}
    </LocalMediaContext>
  );
}

interface PhasesProps {
  readonly parts: MeetingParts;
  readonly face: MeetingFace;
  readonly check: React.ReactNode;
  readonly end: VisitProps['end'];
}

function Phases({ parts, face, check, end }: PhasesProps) {
  const { t } = useTranslation('meeting');
  // The room is much to render; deferred, it leaves the browser time to connect meanwhile.
  const phase: Phase = useDeferredValue(useStore(parts.client.store, (state) => state.phase));
  const [wasInLobby, setWasInLobby] = useState(false);
  useEffect(() => {
    if (phase.kind === 'lobby') setWasInLobby(true);
  }, [phase.kind]);
  switch (phase.kind) {
    case 'idle':
      return check;
    case 'connecting':
      return wasInLobby ? <Lobby face={face} onLeave={() => parts.client.leave()} /> : check;
    case 'lobby':
      return <Lobby face={face} onLeave={() => parts.client.leave()} />;
    case 'consent':
      return (
        <ConsentDoor
          face={face}
          question={phase.question}
          onAnswer={(yes, language) => parts.client.answerAtTheDoor(yes, language)}
          onLeave={() => parts.client.leave()}
        />
      );
    case 'joined':
    case 'reconnecting':
      return <Room />;
    case 'ended':
    case 'failed': {
      const { ending, error } = endingOf(phase);
      return end(
        ending,
        error && { ...error, message: error.local ? t('notice.lost') : error.message },
        parts.client.recording.get().lastId,
      );
    }
  }
}

function Coming() {
  return (
    <main className={deviceCheckStyles.page}>
      <SkeletonGroup className={deviceCheckStyles.sheet}>
        <Skeleton shape="block" className={deviceCheckStyles.mirror} />
        <div className={deviceCheckStyles.words}>
          <Skeleton width="40%" />
          <Skeleton width="80%" height={36} />
          <Skeleton shape="block" height={48} />
        </div>
      </SkeletonGroup>
    </main>
  );
}

function createClient(face: MeetingFace, server: ServerFace, local: LocalMedia, device: ReturnType<typeof loadDevice>): MeetingClient {
  return new MeetingClient({
    meetingId: face.id,
    gatewayUrls: gatewayUrlsOf(server, location.hostname),
    device,
    accessToken: tokenOrNull,
    language: currentLanguage(),
    client: `web ${server.version}`,
    local,
  });
}

/** Null when nobody is signed in any more; anything else that is thrown is a passing trouble. */
async function tokenOrNull(): Promise<string | null> {
  try {
    return await getAccessToken();
  } catch (error) {
    if (hasCode(error, 'AUTH_REQUIRED', 'AUTH_EXPIRED', 'AUTH_SIGNED_OUT')) return null;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
