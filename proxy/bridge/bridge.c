/* SPDX-License-Identifier: Apache-2.0 */
/* The end of what conversations share; see bridge.h. */
#include "proxy/bridge/bridge.h"

void bridge_close(struct bridge *bridge)
{
    if (bridge->spare)
        bridge->allocator->resize(bridge->allocator->context, bridge->spare, 0);
    bridge->spare = NULL;
    buffer_free(&bridge->spare_name);
    view_free(bridge->view);
    bridge->view = NULL;
}
