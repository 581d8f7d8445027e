import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ModelPool } from './engine/model-pool.js';
import type { Service } from './service.js';

export interface FinishedRequest {
  readonly method: string;
  /** The route as declared, or `unknown`: paths that somebody makes up are no labels. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What Prometheus asks for. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter;
  readonly #seconds: Histogram;

  /** `process`: whether memory, event loop and the like are told, too. */
  constructor(service: Service, options: { readonly process: boolean }) {
    const registers = [this.#registry];
    this.#requests = new Counter({
      ...{ name: 'lanecast_http_requests_total', help: 'Requests by route and status.', registers },
      labelNames: ['method', 'route', 'status'],
    });
    this.#seconds = new Histogram({
      ...{ name: 'lanecast_http_request_seconds', help: 'Time from headers to the end of the answer.', registers },
      labelNames: ['method', 'route'],
      buckets: SECONDS,
    });
    this.#addPool(service.pool);
    this.#addQuality(service);
    if (options.process) collectDefaultMetrics({ register: this.#registry });
  }

  observe({ method, route, status, seconds }: FinishedRequest): void {
    this.#requests.inc({ method, route, status: String(status) });
    this.#seconds.observe({ method, route }, seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #addPool(pool: ModelPool): void {
    this.#gauge('lanecast_model_waiting', 'Questions that wait for an answer.', () => pool.waiting);
    this.#gauge('lanecast_model_threads', 'Models that are up.', () => pool.counts.replicas);
    this.#gauge('lanecast_model_threads_learning', 'Models that learn a block.', () => pool.counts.learning);
    this.#gauge('lanecast_model_restarts', 'Models that were replaced because they died.', () => pool.counts.restarts);
    this.#gauge('lanecast_shed_requests', 'Questions refused because too many waited.', () => pool.counts.shed);
  }

  #addQuality(service: Service): void {
    const quality = () => service.quality.quality();
    this.#gauge('lanecast_observed_blocks', 'Blocks observed by this process.', () => quality().blocks);
    this.#gauge(
      'lanecast_conflict_precision',
      'Of predicted conflicts, judged before learning.',
      () => quality().conflicts.precision,
    );
    this.#gauge('lanecast_conflict_recall', 'Of conflicts that happened.', () => quality().conflicts.recall);
    this.#gauge('lanecast_conflict_f1', 'Of precision and recall.', () => quality().conflicts.f1);
    this.#gauge('lanecast_dependent_f1', 'Of transactions that depend on earlier ones.', () => quality().dependent.f1);
    this.#gauge('lanecast_gas_error_share', 'Mean error of predicted gas.', () => quality().gasErrorShare);
    this.#gauge('lanecast_simulated_aborts', 'Of observed blocks under their plans.', () => quality().aborts);
    this.#gauge('lanecast_simulated_executions', 'The same.', () => quality().executions);
    this.#gauge('lanecast_event_listeners', 'Clients that listen to events.', () => service.feed.listeners);
  }

  /** What is not known yet is NaN, as Prometheus has it. */
  #gauge(name: string, help: string, value: () => number | null): void {
    new Gauge({
      ...{ name, help, registers: [this.#registry] },
      collect() {
        this.set(value() ?? NaN);
      },
    });
  }
}
