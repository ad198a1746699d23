// Search, status chips, the other filters, and what is set, each a change of the URL.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

import * as api from '../../api/calls';
import type { JobFilter } from '../../api/calls';
import { searchIsHere } from '../../keys';
import { useResource } from '../../live/resource';
import { go, path, withQuery } from '../../route';
import { local } from '../../text/time';
import { plain } from '../../text/words';
import { Shape } from '../../ui/Status';
import { Marked } from '../../ui/Text';
import { field, FILTERS, instant, LANES, STATUSES, searched, statusesOf, toggled } from './asked';

interface Props {
  workspace: string;
  filter: JobFilter;
}

export function Filters({ workspace, filter }: Props) {
  const isOpen = useSignal(false);
  return (
    <div class="filters">
      <div class="filter-line">
        <Search workspace={workspace} filter={filter} />
        <button type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
          {isOpen.value ? 'Fewer filters' : 'More filters'}
        </button>
      </div>
      <nav class="chips" aria-label="Status">
        {STATUSES.map((status) => (
          <a
            key={status} class="chip" href={withQuery({ status: toggled(filter, status) })}
            aria-current={statusesOf(filter).includes(status) ? 'true' : undefined}
          >
            <Shape of={status} /> {plain(status)}
          </a>
        ))}
      </nav>
      {isOpen.value && <Form key={JSON.stringify(filter)} workspace={workspace} filter={filter} />}
      <Chosen filter={filter} />
    </div>
  );
}

function Search({ workspace, filter }: Props) {
  useEffect(searchIsHere, []);
  const isOdd = useSignal(false);
  const press = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget as HTMLFormElement).get('search') ?? '').trim();
    const found = searched(typed);
    isOdd.value = typed !== '' && !found;
    if (found && 'job' in found) go(path(workspace, 'jobs', found.job));
    else if (!isOdd.value) go(withQuery({ tag: found?.tag ?? null }));
  };
  return (
    <form class="search" role="search" onSubmit={press}>
      <input
        key={filter.tag ?? ''} type="search" name="search" aria-label="Job id or tag" placeholder="Job id, or a tag such as team:legal"
        defaultValue={filter.tag ?? ''} autocomplete="off" spellcheck={false} aria-describedby="search-help"
        onInput={() => (isOdd.value = false)}
      />
      <p id="search-help" role="status" class={isOdd.value ? 'quiet' : 'quiet gone'}>
        {isOdd.value && 'That is neither a whole job id (job_…) nor a tag (key:value). More filters has the rest.'}
      </p>
    </form>
  );
}

function Form({ workspace, filter }: Props) {
  const types = useResource(() => api.jobTypes(workspace), [workspace]);
  const names = types.data.value?.map((one) => one.name) ?? (filter.type ? [filter.type] : []);
  const press = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(typed.get(name) ?? '').trim() || null;
    // A field shows minutes; a time that nobody has touched stays exact.
    const time = (name: 'from' | 'to') => (text(name) === (field(filter[name]) || null) ? (filter[name] ?? null) : instant(text(name) ?? ''));
    go(withQuery({
      type: text('type'), lane: text('lane'), tag: text('tag'), created_by: text('created_by'), on_behalf_of: text('on_behalf_of'),
      from: time('from'), to: time('to'), order: text('order'),
      attention: text('attention'), archived: text('archived'),
    }));
  };
  return (
    <form class="filter-form" onSubmit={press}>
      <Choice name="type" label="Type" value={filter.type} words={names} />
      <Choice name="lane" label="Lane" value={filter.lane} words={LANES} />
      <Field label="Tag"><input name="tag" defaultValue={filter.tag ?? ''} placeholder="team:legal" /></Field>
      <Field label="Created by"><input name="created_by" defaultValue={filter.created_by ?? ''} /></Field>
      <Field label="On behalf of"><input name="on_behalf_of" defaultValue={filter.on_behalf_of ?? ''} /></Field>
      <Field label="Order">
        <select name="order" defaultValue={filter.order ?? ''}>
          <option value="" selected={!filter.order}>newest first</option>
          <option value="oldest" selected={filter.order === 'oldest'}>oldest first</option>
        </select>
      </Field>
      <Field label="From"><input type="datetime-local" name="from" defaultValue={field(filter.from)} /></Field>
      <Field label="To"><input type="datetime-local" name="to" defaultValue={field(filter.to)} /></Field>
      <label class="check"><input type="checkbox" name="attention" value="true" defaultChecked={filter.attention === 'true'} /> Needs a person</label>
      <label class="check"><input type="checkbox" name="archived" value="true" defaultChecked={filter.archived === 'true'} /> With the archive</label>
      <div class="buttons"><button type="submit">Apply</button></div>
    </form>
  );
}

const Field = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <label class="field"><span>{label}</span>{children}</label>
);

function Choice({ name, label, value, words }: { name: string; label: string; value: string | undefined; words: string[] }) {
  return (
    <Field label={label}>
      <select name={name}>
        <option value="">any</option>
        {words.map((word) => <option key={word} value={word} selected={word === value}>{word}</option>)}
      </select>
    </Field>
  );
}

function Chosen({ filter }: { filter: JobFilter }) {
  const set = Object.entries(filter).filter(([name]) => name !== 'status');
  if (set.length === 0) return null;
  return (
    <ul class="chips chosen" aria-label="Filters">
      {set.map(([name, value]) => (
        <li key={name}>
          <a class="chip" href={withQuery({ [name]: null })} title="Take this filter away">
            {FILTERS[name]}
            {value !== 'true' && <>: <strong>{name === 'from' || name === 'to' ? local(value) : <Marked text={value} />}</strong></>}
            <span aria-hidden="true"> ×</span><span class="unheard">, take away</span>
          </a>
        </li>
      ))}
      <li><a class="clear" href={withQuery(Object.fromEntries(Object.keys(FILTERS).map((name) => [name, null])))}>Clear all</a></li>
    </ul>
  );
}
