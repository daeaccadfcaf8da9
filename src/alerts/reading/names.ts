import { words } from './text.js';

/**
 * Where the parts of an alert are looked for, best first, in compared form. The vendor has published neither the payload
 * of its webhook nor its query: these are the names in its API for alerts, incidents and tickets, and those that
 * senders of alerts use in general.
 */
export const NAMES = {
  id: words(
    'alertid alertguid alertuuid alertnumber incidentid incidentguid id guid uuid notificationid eventguid',
  ),
  device: {
    ids: words(`endpointid deviceid endpointguid deviceguid deviceuuid machineid agentid resourceid assetid computerid
      vendorendpointid`),
    names:
      words(`devicename endpointname devicefriendlyname endpointfriendlyname friendlyname hostname devicehostname
      machinename computername systemname resourcename assetname`),
    either: words('device endpoint machine computer host asset resource'),
  },
  company: {
    ids: words('companyid clientid customerid organizationid orgid accountid'),
    names: words(
      'companyname clientname customername organizationname orgname accountname companyfriendlyname',
    ),
    either: words('company client customer organization account devicecompany deviceclient'),
  },
  site: {
    ids: words('siteid locationid'),
    names: words('sitename locationname sitefriendlyname'),
    either: words('site location devicesite'),
  },
  /** The same for each repeat. */
  condition:
    words(`conditionid conditionname alertconditionid alertcondition condition alertdefinitionid monitorid
    monitorname monitor ruleid rulename rule checkid checkname check`),
  alertType: words('alerttypeid alerttypename alerttype'),
  /** These may hold many conditions of one device together. */
  coarseCondition: words('policyid policyname alertcategory category eventtype typename type'),
  conditionText: words('conditionname alertcondition condition monitorname monitor rulename checkname'),
  eventSource: words('eventsource source providername'),
  eventId: words('eventid eventcode windowseventid'),
  severity: words(
    'severity severityname alertseverity incidentseverity priority priorityname prioritylevel alertpriority',
  ),
  eventLevel: words('eventlevel'),
  level: words('level alertlevel'),
  summary:
    words(`summary alertsummary title alerttitle incidenttitle subject alertsubject alertname message alertmessage
      description alertdescription incidentdescription details alerttext text msg alert notification
      incident name body value`),
  details:
    words(`details alertdetails description alertdescription incidentdescription message alertmessage body text
    value`),
  status:
    words(`alertstatus incidentstatus alertstate status statusname state statename statuscategory event eventname
    action alertaction eventtype alerttype type`),
  isOver: words('resolved isresolved closed isclosed cleared iscleared recovered'),
  isOn: words('active isactive open isopen'),
  time: words(`timestamp alerttimestamp alerttime time eventtime datetime date alertdate occurredat raisedat triggeredat
    observeddate observedat agentdatetimeutc createdat createdtimestamp createddate createdtime alertcreateddatetime
    incidentcreateddatetime`),
  resolvedTime: words('resolvedat resolveddate closedat closeddate clearedat updatedat updateddate'),
  ticket:
    words(`ticketid ticketids ticketnumber ticketnumbers ticketno nocticketid serviceticketid psaticketid ticketguid
    ticket`),
} as const;
