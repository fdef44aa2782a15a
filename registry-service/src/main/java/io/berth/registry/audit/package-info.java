/**
 * What was changed, by whom and from where.
 */
@NullMarked
package io.berth.registry.audit;

import org.jspecify.annotations.NullMarked;
