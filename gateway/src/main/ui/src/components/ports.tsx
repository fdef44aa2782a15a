import { REACH_TEXT, type Exposure } from '../lib/exposure';
import { Icon, type IconName } from './icons';

const ICONS: Record<Exposure['reach'], IconName> = { loopback: 'lock', address: 'monitor', everywhere: 'globe' };

/** Published ports with who can reach them. */
export function PortList({ ports }: { ports: Exposure[] }) {
  if (ports.length === 0) return <span class="muted">–</span>;
  return (
    <ul class="ports">
      {ports.map((each) => (
        <li key={`${each.reach}${each.hostPort}${each.port}${each.protocol}`} class={`reach-${each.reach}`} title={`Reached by ${REACH_TEXT[each.reach]}`}>
          <Icon name={ICONS[each.reach]} />
          <span>
            {each.reach === 'address' && `${each.addresses.join(', ')}:`}
            {each.hostPort} → {each.port}
            {each.protocol !== 'tcp' && `/${each.protocol}`}
          </span>
          <span class="hidden">, reached by {REACH_TEXT[each.reach]}</span>
        </li>
      ))}
    </ul>
  );
}
