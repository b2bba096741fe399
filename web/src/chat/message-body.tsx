import { Fragment, memo, type ReactNode } from 'react';
import { cx } from '@/design';
import { CodeBlock } from './code-block';
import { type MarkdownNode, parseMarkdown } from './markdown';
import { everybody, mentionParts } from './mentions';
import styles from './message-body.module.css';

export interface MessageBodyProps {
  readonly body: string;
  /** Names of those who are mentioned. */
  readonly mentioned?: readonly string[] | undefined;
  /** Mentions of this name stand out more: it is the reader. */
  readonly me?: string | undefined;
  readonly className?: string | undefined;
}

/** What somebody wrote. It never becomes part of the page in any other way than by these elements. */
export const MessageBody = memo(function MessageBody({ body, mentioned = [], me = '', className }: MessageBodyProps) {
  const nodes = parseMarkdown(body);
  const isFew = nodes.length === 1 && [...body].length <= 12 && onlyEmoji.test(body);
  return (
    <div className={cx(styles.body, isFew && styles.large, className)} dir="auto">
      {render(nodes, { mentioned, me })}
    </div>
  );
});

const onlyEmoji = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f|\s)+$/u;

interface Around {
  readonly mentioned: readonly string[];
  readonly me: string;
}

function render(nodes: readonly MarkdownNode[], around: Around): ReactNode {
  return nodes.map((node, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the nodes of a text never change places.
    <Fragment key={index}>{element(node, around)}</Fragment>
  ));
}

function element(node: MarkdownNode, around: Around): ReactNode {
  switch (node.kind) {
    case 'text':
      return text(node.text, around);
    case 'break':
      return <br />;
    case 'rule':
      return <hr className={styles.rule} />;
    case 'code':
      return <code className={styles.code}>{node.text}</code>;
    case 'block':
      return <CodeBlock text={node.text} language={node.language} />;
    case 'link':
      return (
        <a href={node.href} target="_blank" rel="noopener noreferrer nofollow">
          {render(node.children, around)}
        </a>
      );
    case 'strong':
      return <strong>{render(node.children, around)}</strong>;
    case 'em':
      return <em>{render(node.children, around)}</em>;
    case 'strike':
      return <s>{render(node.children, around)}</s>;
    case 'paragraph':
      return <p>{render(node.children, around)}</p>;
    case 'heading':
      // A heading of the page would put messages into its outline.
      return <p className={styles.heading}>{render(node.children, around)}</p>;
    case 'quote':
      return <blockquote className={styles.quote}>{render(node.children, around)}</blockquote>;
    case 'list':
      return <ul className={styles.list}>{render(node.children, around)}</ul>;
    case 'numbered':
      return (
        <ol className={styles.numbered} start={node.start}>
          {render(node.children, around)}
        </ol>
      );
    case 'item':
      return <li>{render(node.children, around)}</li>;
    case 'table':
      return (
        <div className={styles.tableWrap}>
          <table className={styles.table}>
            <tbody>{render(node.children, around)}</tbody>
          </table>
        </div>
      );
    case 'row':
      return <tr>{render(node.children, around)}</tr>;
    case 'cell':
      return <td>{render(node.children, around)}</td>;
    case 'head-cell':
      return <th scope="col">{render(node.children, around)}</th>;
  }
}

function text(words: string, { mentioned, me }: Around): ReactNode {
  const parts = mentionParts(words, mentioned);
  if (parts.length === 1 && !parts[0]?.mention) return words;
  const isMe = (name: string): boolean => name === me || everybody.includes(name);
  return parts.map((part, index) =>
    part.mention ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text never change places.
      <span key={index} className={cx(styles.mention, isMe(part.text.slice(1)) && styles.mentionMe)}>
        {part.text}
      </span>
    ) : (
      part.text
    ),
  );
}
