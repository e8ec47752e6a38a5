import { type ReactNode, Suspense, useState } from 'react';

type Props = { summary: string; children: ReactNode; open?: boolean };

/** What opens on demand; its content is made, and fetched, when it is opened first. */
export function Disclosure({ summary, children, open = false }: Props) {
  const [opened, setOpened] = useState(open);
  return (
    <details className="by-form" open={open} onToggle={(event) => event.currentTarget.open && setOpened(true)}>
      <summary>{summary}</summary>
      {opened && <Suspense>{children}</Suspense>}
    </details>
  );
}
