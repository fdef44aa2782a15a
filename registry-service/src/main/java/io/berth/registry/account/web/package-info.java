/**
 * The administration of accounts, robots and policies.
 */
@NullMarked
package io.berth.registry.account.web;

import org.jspecify.annotations.NullMarked;
