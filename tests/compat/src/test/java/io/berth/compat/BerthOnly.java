package io.berth.compat;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Marks what a reference daemon cannot be asked: it has no registry inside, no services to kill, other guarantees. */
@DisabledIfSystemProperty(
        named = TargetExtension.REFERENCE_PROPERTY,
        matches = ".+",
        disabledReason = "is about what only Berth has")
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@interface BerthOnly {}
