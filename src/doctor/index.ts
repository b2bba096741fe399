export { type DoctorSocketOptions, openDoctorSocket } from './doctor-socket.js';
