/** What the script counts, beside what k6 counts by itself. Times are in milliseconds with fractions. */
import { Counter, Rate, Trend } from 'k6/metrics';

const milliseconds = (name: string): Trend => new Trend(name, true);

export const signInMs = milliseconds('sign_in_ms');
export const welcomeMs = milliseconds('welcome_ms');
export const syncMs = milliseconds('chat_sync_ms');
export const ackMs = milliseconds('chat_ack_ms');
export const deliveryMs = milliseconds('chat_delivery_ms');
export const readMs = milliseconds('chat_read_ms');
export const resumeMs = milliseconds('chat_resume_ms');
export const joinMs = milliseconds('meeting_join_ms');
export const presenceMs = milliseconds('meeting_presence_ms');
export const leaveMs = milliseconds('meeting_leave_ms');

export const acknowledged = new Counter('chat_acknowledged');
export const delivered = new Counter('chat_delivered');
export const chatLost = new Counter('chat_lost');
export const chatDuplicated = new Counter('chat_duplicated');
/** Came back, and not to the old session. */
export const newSessions = new Counter('chat_new_sessions');
export const joins = new Counter('meeting_joins');
export const signalingLost = new Counter('signaling_lost');
export const signalingDuplicated = new Counter('signaling_duplicated');

/** Share of the calls over the socket that failed. */
export const callErrors = new Rate('call_errors');
/** By the server, without having been asked to. */
export const connectionsLost = new Counter('connections_lost');
export const seated = new Counter('people_seated');
export const finished = new Counter('people_finished');
