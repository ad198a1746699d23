// Tabs whose choice is part of the URL.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

import { go, query, withQuery } from '../route';

interface Props {
  label: string;
  tabs: readonly string[];
  children: (tab: string) => ComponentChildren;
}

const word = (tab: string) => tab.toLowerCase();

export function Tabs({ label, tabs, children }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const asked = query.value.get('tab');
  const tab = tabs.find((one) => word(one) === asked) ?? tabs[0]!;
  const choose = (next: string) => go(withQuery({ tab: next === tabs[0] ? null : word(next) }), { replace: true });

  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]!;
    choose(next);
    list.current?.querySelector<HTMLElement>(`#tab-${word(next)}`)?.focus();
  };

  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={move}>
        {tabs.map((one) => (
          <button
            key={one} type="button" role="tab" id={`tab-${word(one)}`} aria-selected={one === tab}
            aria-controls="panel" tabIndex={one === tab ? 0 : -1} onClick={() => choose(one)}
          >
            {one}
          </button>
        ))}
      </div>
      <div class="panel" role="tabpanel" id="panel" aria-labelledby={`tab-${word(tab)}`}>
        {children(tab)}
      </div>
    </>
  );
}
