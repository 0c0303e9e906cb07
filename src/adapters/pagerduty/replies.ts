import { z } from 'zod';

/**
 * What is used of PagerDuty's replies: Events API v2 and REST (github.com/PagerDuty/api-schema, `reference/events-v2` and `reference/REST`).
 * Everything else in them is ignored; what the schema lets be absent or null may be.
 */

export const EventReply = z.looseObject({ status: z.string(), message: z.string().optional() });
/** 400: `{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect …"]}`. */
export const EventError = z.looseObject({
  status: z.string().default(''),
  message: z.string().default(''),
  errors: z.array(z.string()).default([]),
});
/** `{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Content cannot be empty."]}}`. */
export const ApiError = z.looseObject({
  error: z.looseObject({
    message: z.string().default(''),
    code: z.number().optional(),
    errors: z.array(z.string()).default([]),
  }),
});

/** A user, or a reference to one: with `include[]` it has its e-mail. */
export const User = z.looseObject({
  id: z.string(),
  summary: z.string().nullish(),
  name: z.string().nullish(),
  email: z.string().nullish(),
});
export type User = z.infer<typeof User>;
const Reference = z.looseObject({ id: z.string(), summary: z.string().nullish() });

export const Incident = z.looseObject({
  id: z.string(),
  incident_number: z.number(),
  html_url: z.string(),
  title: z.string(),
  status: z.enum(['triggered', 'acknowledged', 'resolved']),
  urgency: z.enum(['high', 'low']),
  created_at: z.string(),
  service: Reference,
  priority: z.looseObject({ summary: z.string().nullish(), name: z.string().nullish() }).nullish(),
  assignments: z.array(z.looseObject({ assignee: User })).default([]),
  acknowledgements: z.array(z.looseObject({ at: z.string().nullish(), acknowledger: User })).default([]),
});
export type Incident = z.infer<typeof Incident>;
export const Incidents = z.looseObject({ incidents: z.array(Incident) });

const LogEntry = z.looseObject({
  type: z.string(),
  created_at: z.string(),
  user: User.nullish(),
  channel: z
    .looseObject({ notification: z.looseObject({ type: z.string(), status: z.string().nullish() }).nullish() })
    .nullish(),
});
export const LogEntries = z.looseObject({ log_entries: z.array(LogEntry), more: z.boolean().nullish() });

export const Service = z.looseObject({
  service: z.looseObject({
    id: z.string(),
    name: z.string().nullish(),
    summary: z.string().nullish(),
    status: z.enum(['active', 'warning', 'critical', 'maintenance', 'disabled']),
    escalation_policy: Reference.nullish(),
  }),
});
export const MaintenanceWindows = z.looseObject({
  maintenance_windows: z.array(z.looseObject({ description: z.string().nullish(), end_time: z.string() })),
});
export const Policy = z.looseObject({ escalation_policy: Reference });
export const OnCalls = z.looseObject({
  oncalls: z.array(
    z.looseObject({
      escalation_policy: Reference,
      escalation_level: z.number(),
      user: User,
      schedule: Reference.nullish(),
      end: z.string().nullish(),
    }),
  ),
  more: z.boolean().nullish(),
});
export const Notes = z.looseObject({ notes: z.array(z.looseObject({ content: z.string() })) });
export const Alerts = z.looseObject({
  alerts: z.array(z.looseObject({ alert_key: z.string().nullish() })),
  more: z.boolean().nullish(),
});
export const Person = z.looseObject({ user: User });
