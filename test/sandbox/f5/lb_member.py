"""Takes members of a pool out and brings them back by iControl SOAP, as scripts of the time did.

usage: lb_member.py <url> <pool> <address:port>[,<address:port> ...] enable|disable|offline|status

User and password come in LB_USER and LB_PASSWORD. Prints one line of JSON: what the members were before and
after, and whether anything had to be changed.
"""

import json
import os
import ssl
import sys
from urllib.request import HTTPSHandler

from suds.client import Client
from suds.transport.https import HttpAuthenticated
from suds.xsd.doctor import Import, ImportDoctor


class Transport(HttpAuthenticated):
    """Basic credentials over TLS, without a check of the certificate."""

    def u2handlers(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return HttpAuthenticated.u2handlers(self) + [HTTPSHandler(context=context)]


def connect(url):
    portal = url + "/iControl/iControlPortal.cgi"
    encoding = Import("http://schemas.xmlsoap.org/soap/encoding/")
    encoding.filter.add("urn:iControl")
    client = Client(
        portal + "?WSDL=LocalLB.PoolMember",
        location=portal,
        doctor=ImportDoctor(encoding),
        transport=Transport(
            username=os.environ["LB_USER"], password=os.environ["LB_PASSWORD"], timeout=10
        ),
        cache=None,
    )
    # The names of the types have dots in them.
    client.factory.separator("_")
    return client


def sequence(client, name, items):
    made = client.factory.create(name)
    made.item = items
    return made


def change(client, pools, members, operation, struct, field, value):
    states = []
    for member in members:
        address, port = member.rsplit(":", 1)
        place = client.factory.create("Common.IPPortDefinition")
        place.address = address
        place.port = int(port)
        state = client.factory.create("LocalLB.PoolMember." + struct)
        state.member = place
        setattr(state, field, value)
        states.append(state)
    inner = sequence(client, "LocalLB.PoolMember.%sSequence" % struct, states)
    outer = sequence(client, "LocalLB.PoolMember.%sSequenceSequence" % struct, [inner])
    getattr(client.service, operation)(pools, outer)


def status(client, pools, members):
    found = {}
    for name, field in (("session", "session_status"), ("monitor", "monitor_status")):
        for entry in getattr(client.service, "get_%s" % field)(pools)[0]:
            member = "%s:%s" % (entry.member.address, entry.member.port)
            if member in members:
                found.setdefault(member, []).append(str(getattr(entry, field)))
    return found


def main():
    if len(sys.argv) != 5 or sys.argv[4] not in ("enable", "disable", "offline", "status"):
        sys.exit(__doc__)
    url, pool, list_of_members, wanted = sys.argv[1:]
    members = list_of_members.split(",")
    client = connect(url)
    pools = sequence(client, "Common.StringSequence", [pool])
    before = status(client, pools, members)
    if wanted != "status":
        session = "STATE_ENABLED" if wanted == "enable" else "STATE_DISABLED"
        monitor = "STATE_DISABLED" if wanted == "offline" else "STATE_ENABLED"
        change(client, pools, members, "set_session_enabled_state", "MemberSessionState", "session_state", session)
        change(client, pools, members, "set_monitor_state", "MemberMonitorState", "monitor_state", monitor)
    after = status(client, pools, members)
    print(json.dumps({"before": before, "after": after, "changed": before != after}))


main()
