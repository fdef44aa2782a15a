/**
 * What was changed through the gateway, by whom and from where.
 */
@NullMarked
package io.berth.gateway.audit;

import org.jspecify.annotations.NullMarked;
