package io.berth.gateway.access.policy;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a developer may ask of a volume. */
public final class VolumePolicy {
    private static final Set<String> CREATE = Set.of("Name", "Driver", "DriverOpts", "Labels");

    private VolumePolicy() {}

    /**
     * Checks a create request, which belongs to the project afterwards.
     *
     * @return the name, empty for one that is made up
     * @throws Refused naming the first field that is not the developer's to set
     */
    public static String create(ObjectNode body, String project) {
        StrictJson.canonicalise(body, CREATE);
        Fields.refuseOthers(body, "", CREATE);
        driver("Driver", Fields.text(body, "Driver"), Fields.map(body, "DriverOpts"));
        Labels.own(body, "Labels", project);
        return Fields.text(body, "Name");
    }

    /** Options of the local driver are those of mount(8): any of them could bind the host's files. Only a size is harmless. */
    static void driver(String field, String name, @Nullable ObjectNode options) {
        if (!name.isEmpty() && !name.equals("local")) {
            throw new Refused(field, "the driver \"" + name + "\" is not allowed");
        }
        if (options != null) {
            for (String option : options.propertyNames()) {
                if (!option.equals("size")) {
                    throw new Refused(field, "the option \"" + option + "\" is not allowed");
                }
            }
        }
    }
}
