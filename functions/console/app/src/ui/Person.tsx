// A person by name, with the id on hover; an id where there is no name.
import { nameOf } from '../live/names';
import { visible } from '../text/visible';
import { Marked } from './Text';

export function Person({ id }: { id: string }) {
  const name = nameOf(id);
  return name === id ? <Marked text={id} /> : <span title={visible(id)}><Marked text={name} /></span>;
}
