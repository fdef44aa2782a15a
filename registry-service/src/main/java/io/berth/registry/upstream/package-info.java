/**
 * The pull-through cache: repositories below some prefixes are those of other registries, fetched when somebody asks for them.
 */
@NullMarked
package io.berth.registry.upstream;

import org.jspecify.annotations.NullMarked;
