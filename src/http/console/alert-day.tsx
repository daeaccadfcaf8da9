import { counted } from '../../inventory/sentence.js';
import { ALERT_OUTCOMES, type AlertOutcome, type HourOfAlerts } from '../../store/alert-counts.js';
import { Facts, timeOfDay, type Visit } from './ui.js';

/** Alerts that become a ticket of their own, and what else may become of them. */
const OUTCOME_WORDS: Record<AlertOutcome, string> = {
  ticket: 'New tickets',
  note: 'Notes on a ticket',
  closed: 'Tickets closed',
  collected: 'Collected in maintenance',
  ignored: 'Ignored by the config',
  duplicate: 'Sent twice',
  remembered: 'Ends without a ticket',
};

const STEP = 10;
const WIDTH = 8;
const HEIGHT = 48;

type Hours = readonly HourOfAlerts[];

/** The alerts of the last day: how many came in each hour, and what became of all of them. */
export function AlertDay({ hours, visit }: { hours: Hours; visit: Visit }) {
  const total = hours.reduce((sum, hour) => sum + countOf(hour), 0);
  const most = Math.max(...hours.map(countOf));
  const told = total === 0 ? 'no alert' : `${counted(total, 'alert')}, up to ${most} an hour`;
  const outcomes = ALERT_OUTCOMES.map((outcome): [string, number] => [
    OUTCOME_WORDS[outcome],
    hours.reduce((sum, { counts }) => sum + (counts.get(outcome) ?? 0), 0),
  ]);
  return (
    <>
      <h3>Last 24 hours: {told}</h3>
      <HourChart
        hours={hours}
        most={most}
        label={`Alerts in each of the last 24 hours: ${told}`}
        visit={visit}
      />
      <Facts look="numbers" of={outcomes.filter(([, count]) => count > 0)} />
    </>
  );
}

/** A bar for each hour, the present one on the right. */
function HourChart(props: { hours: Hours; most: number; label: string; visit: Visit }) {
  const { hours, most, label, visit } = props;
  const marked = [hours[0], hours[hours.length / 2]].flatMap((hour) => hour?.startsAtMs ?? []);
  return (
    <figure class="hours">
      <svg
        class="chart"
        viewBox={`0 0 ${hours.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <line x1="0" x2={hours.length * STEP} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {hours.map((hour, index) => (
          <HourBar key={hour.startsAtMs} hour={hour} x={index * STEP} most={most} visit={visit} />
        ))}
      </svg>
      <figcaption class="faint">
        {marked.map((atMs) => (
          <span key={atMs}>{timeOfDay(atMs, visit)}</span>
        ))}
        <span>now</span>
      </figcaption>
    </figure>
  );
}

/** The space above a bar tells of it as well: a bar of one alert is hard to point at. */
function HourBar({ hour, x, most, visit }: { hour: HourOfAlerts; x: number; most: number; visit: Visit }) {
  const count = countOf(hour);
  const height = count === 0 ? 0 : Math.max(3, Math.round((HEIGHT - 4) * (count / most)));
  return (
    <g>
      <title>{describe(hour, count, visit)}</title>
      <rect class="space" x={x} y="0" width={STEP} height={HEIGHT} />
      {count > 0 && <rect class="hour" x={x + 1} y={HEIGHT - 1 - height} width={WIDTH} height={height} />}
    </g>
  );
}

function countOf({ counts }: HourOfAlerts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** `14:00: 3 alerts (New tickets: 2, Notes on a ticket: 1)` */
function describe({ startsAtMs, counts }: HourOfAlerts, count: number, visit: Visit): string {
  const from = timeOfDay(startsAtMs, visit);
  if (count === 0) return `From ${from}: no alert`;
  const parts = ALERT_OUTCOMES.filter((outcome) => counts.get(outcome)).map(
    (outcome) => `${OUTCOME_WORDS[outcome]}: ${counts.get(outcome)}`,
  );
  return `From ${from}: ${counted(count, 'alert')} (${parts.join(', ')})`;
}
