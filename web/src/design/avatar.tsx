import styles from './avatar.module.css';
import { cx } from './cx';
import { colourOf, initials } from './initials';

export interface AvatarProps {
  readonly name: string;
  /** What the colour hangs on, so that a changed name keeps it. Default: the name. */
  readonly id?: string | undefined;
  readonly size?: number | undefined;
  readonly className?: string | undefined;
}

const colours = 8;

/** The name stands beside it everywhere, so screen readers pass it by. */
export function Avatar({ name, id = name, size = 32, className }: AvatarProps) {
  const letters = initials(name);
  const fontSize = Math.round(size * (/\p{Script=Han}{2}/u.test(letters) ? 0.36 : 0.4));
  return (
    <span
      className={cx(styles.avatar, styles[`colour${colourOf(id, colours)}`], className)}
      style={{ width: size, height: size, fontSize }}
      aria-hidden="true"
    >
      {letters}
    </span>
  );
}
