package io.berth.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.regex.Pattern;

/** A name like {@code IContainer}, and not one like {@code Image} or {@code IPAddress}. */
final class PrefixedInterfaceName extends ArchCondition<JavaClass> {
    private static final Pattern PREFIXED = Pattern.compile("I[A-Z][a-z].*");

    PrefixedInterfaceName() {
        super("have a capital I before its name");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        boolean prefixed = PREFIXED.matcher(type.getSimpleName()).matches();
        events.add(new SimpleConditionEvent(
                type, prefixed, type.getName() + (prefixed ? " has" : " has not") + " a capital I before its name"));
    }
}
