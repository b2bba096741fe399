/** The meeting, from the device check to the end. Everything here is loaded when a meeting is opened. */
export { MeetingPage } from './meeting-page';
