package io.berth.engine.container.store;

import io.berth.engine.container.ContainerSnapshot;
import io.berth.engine.container.ContainerSpec;
import io.berth.engine.container.ContainerState;
import io.berth.engine.container.Health;
import io.berth.engine.network.NetworkState;
import io.berth.engine.runtime.ContainerId;
import org.jspecify.annotations.Nullable;

/**
 * What has become of one container: a line of a {@link ChangeFile}, or several of them put together. Parts that are null stay
 * as they are.
 *
 * <pre>{"id": "3f…", "created": false, "deleted": false, "life": {"state": {"status": "RUNNING", …}, "network": {…}}}</pre>
 *
 * @param created whether it is new; all parts but the health are there then, unless it was deleted since
 * @param life what a start or an end changes
 */
record Change(
        String id,
        boolean created,
        boolean deleted,
        @Nullable String name,
        @Nullable ContainerSpec spec,
        @Nullable Life life) {

    /**
     * What changes in its life.
     *
     * @param health null without a health check, and before the first start
     */
    record Life(ContainerState state, @Nullable Health health, NetworkState network) {
        static Life of(ContainerSnapshot container) {
            return new Life(container.state(), container.health(), container.network());
        }
    }

    static Change created(ContainerSnapshot container) {
        return new Change(container.id().value(), true, false, container.name(), container.spec(), Life.of(container));
    }

    static Change lived(ContainerSnapshot container) {
        return new Change(container.id().value(), false, false, null, null, Life.of(container));
    }

    static Change respecified(ContainerSnapshot container) {
        return new Change(container.id().value(), false, false, null, container.spec(), Life.of(container));
    }

    static Change renamed(ContainerId id, String name) {
        return new Change(id.value(), false, false, name, null, null);
    }

    static Change deleted(ContainerId id) {
        return new Change(id.value(), false, true, null, null, null);
    }

    /** This one and then another of the same container. */
    Change then(Change later) {
        if (deleted || later.deleted) {
            return new Change(id, created, true, null, null, null);
        }
        return new Change(
                id,
                created || later.created,
                false,
                later.name == null ? name : later.name,
                later.spec == null ? spec : later.spec,
                later.life == null ? life : later.life);
    }

    /** Whether nobody who has not seen it need hear of the container at all. */
    boolean isNothing() {
        return created && deleted;
    }
}
