/** Step Functions' API (AWS JSON 1.0), as far as the product and curious people call it. */
import * as z from 'zod';
import { type Execution, type Executions, RefusedError } from './executions.ts';

type Operation = (executions: Executions, request: unknown) => unknown;

const start = z.object({
  stateMachineArn: z.string(),
  name: z.string().optional(),
  input: z.string().optional(),
});
const stop = z.object({
  executionArn: z.string(),
  error: z.string().optional(),
  cause: z.string().optional(),
});
const one = z.object({ executionArn: z.string() });
const list = z.object({
  stateMachineArn: z.string(),
  statusFilter: z.string().optional(),
  maxResults: z.int().min(0).max(1000).default(0),
  nextToken: z.string().optional(),
});
const history = z.object({
  executionArn: z.string(),
  reverseOrder: z.boolean().default(false),
  includeExecutionData: z.boolean().default(true),
  maxResults: z.int().min(0).max(1000).default(0),
  nextToken: z.string().optional(),
});
const success = z.object({ taskToken: z.string(), output: z.string() });
const failure = z.object({
  taskToken: z.string(),
  error: z.string().optional(),
  cause: z.string().optional(),
});
const token = z.object({ taskToken: z.string() });

const OPERATIONS: Readonly<Record<string, Operation>> = {
  StartExecution(executions, request) {
    const { stateMachineArn, name, input } = read(start, request);
    const { arn, startedAt } = executions.start(stateMachineArn, name, input);
    return { executionArn: arn, startDate: startedAt / 1000 };
  },
  StopExecution(executions, request) {
    const { executionArn, error, cause } = read(stop, request);
    const { stoppedAt = 0 } = executions.stop(executionArn, error, cause);
    return { stopDate: stoppedAt / 1000 };
  },
  DescribeExecution(executions, request) {
    const execution = executions.get(read(one, request).executionArn);
    const { input, output, error, cause } = execution;
    return { ...summaryOf(execution), input, output, error, cause };
  },
  ListExecutions(executions, request) {
    const { stateMachineArn, statusFilter, maxResults, nextToken } = read(list, request);
    const found = executions
      .list(stateMachineArn)
      .filter(({ status }) => statusFilter === undefined || status === statusFilter)
      .reverse()
      .map(summaryOf);
    const { page, ...next } = pageOf(found, maxResults || 100, nextToken);
    return { executions: page, ...next };
  },
  GetExecutionHistory(executions, request) {
    const { executionArn, reverseOrder, includeExecutionData, maxResults, nextToken } = read(
      history,
      request,
    );
    const events = executions.get(executionArn).history.events.map(({ timestamp, ...event }) => ({
      ...(includeExecutionData
        ? event
        : { id: event.id, previousEventId: event.previousEventId, type: event.type }),
      timestamp: Date.parse(timestamp) / 1000,
    }));
    const { page, ...next } = pageOf(reverseOrder ? events.reverse() : events, maxResults || 1000, nextToken);
    return { events: page, ...next };
  },
  SendTaskSuccess(executions, request) {
    const { taskToken, output } = read(success, request);
    executions.succeed(taskToken, output);
    return {};
  },
  SendTaskFailure(executions, request) {
    const { taskToken, error, cause } = read(failure, request);
    executions.fail(taskToken, error, cause);
    return {};
  },
  SendTaskHeartbeat(executions, request) {
    executions.heartbeat(read(token, request).taskToken);
    return {};
  },
};

/** Answers one call: the status and what to send as JSON. */
export function callStepFunctions(
  executions: Executions,
  operation: string,
  body: string,
): { status: number; answer: unknown } {
  try {
    const call = OPERATIONS[operation];
    if (!call) throw new RefusedError('UnknownOperationException', `${operation} is not known here`);
    return { status: 200, answer: call(executions, JSON.parse(body || '{}')) };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { status: 400, answer: { __type: error.type, message: error.message } };
  }
}

function summaryOf(execution: Execution): Record<string, unknown> {
  const { arn, machineArn, name, status, startedAt, stoppedAt } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status,
    startDate: startedAt / 1000,
    stopDate: stoppedAt === undefined ? undefined : stoppedAt / 1000,
  };
}

function pageOf<T>(all: readonly T[], size: number, nextToken = '0'): { page: T[]; nextToken?: string } {
  const from = Number(nextToken);
  if (!Number.isInteger(from)) throw new RefusedError('InvalidToken', `Invalid Token: '${nextToken}'`);
  const page = all.slice(from, from + size);
  return from + size < all.length ? { page, nextToken: String(from + size) } : { page };
}

function read<T extends z.ZodType>(schema: T, request: unknown): z.infer<T> {
  const result = schema.safeParse(request);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new RefusedError('ValidationException', faults);
}
