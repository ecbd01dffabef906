(** The pinned statements over the reals: this file and Definitions.v are what a referee reads.

    Each theorem is restated in full, proved by [exact], and followed by its axioms.
    Everything is meant for Coq's real numbers and every number of layers L.  A [descent] or
    [descent1] hypothesis says that the sequence is a run of gradient descent on the stated
    loss: each step subtracts delta times a number that is proved to be the partial derivative.
    The statements about matrices are in StatementsMatrix.v.

    Source: K. Nar, S. S. Sastry, "Step Size Matters in Deep Learning", 2018. *)

Require Import Reals.
From Symgd Require Import Definitions.
From Symgd Require Lem3 Ex1 Ex3 Cor1 Lem4 Thm2.
Local Open Scope R_scope.

(** ** Lemma 3: w_1 = ... = w_L = 1 at the start, target lambda > 0 *)

(** The partial derivatives of the chain loss. *)
Theorem pin_lem3_gradient : forall L lambda w i, (i < L)%nat ->
  partial (chain_loss L lambda) w i ((Prod w L - lambda) * Prod (put w i 1) L).
Proof. exact Lem3.chain_partial. Qed.
Print Assumptions pin_lem3_gradient.

(** Equal weights stay equal and follow the scalar map
    x - delta x^(L-1) (x^L - lambda). *)
Theorem pin_lem3_equal_weights : forall L lambda delta w x,
  descent (chain_loss L lambda) L delta w ->
  (forall i, (i < L)%nat -> w O i = x) ->
  forall k i, (i < L)%nat -> w k i = iter (chain_step L lambda delta) k x.
Proof. exact Lem3.chain_descent. Qed.
Print Assumptions pin_lem3_equal_weights.

(** Such runs exist, so the statements below are not vacuous. *)
Theorem pin_lem3_run_exists : forall L lambda delta x,
  descent (chain_loss L lambda) L delta (fun k _ => iter (chain_step L lambda delta) k x).
Proof. exact Lem3.chain_descent_exists. Qed.
Print Assumptions pin_lem3_run_exists.

(** The error is multiplied by mu at each step. *)
Theorem pin_lem3_factor : forall L lambda delta t x, t ^ L = lambda ->
  chain_step L lambda delta x - t = mu L t delta x * (x - t).
Proof. exact Lem3.step_factor. Qed.
Print Assumptions pin_lem3_factor.

(** 0 <= mu <= beta between 1 and lambda^(1/L). *)
Theorem pin_lem3_mu : forall L lambda delta x, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  1 <= x <= root L lambda \/ root L lambda <= x <= 1 ->
  0 <= mu L (root L lambda) delta x <= beta L lambda delta.
Proof. exact Lem3.lem3_mu. Qed.
Print Assumptions pin_lem3_mu.

Theorem pin_lem3_rate : forall L lambda delta, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda -> 0 <= beta L lambda delta < 1.
Proof. exact Lem3.lem3_rate. Qed.
Print Assumptions pin_lem3_rate.

Theorem pin_lem3_bound : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - root L lambda) <= beta L lambda delta ^ k * Rabs (1 - root L lambda).
Proof. exact Lem3.lem3_bound. Qed.
Print Assumptions pin_lem3_bound.

(** The same with delta_c, beta and lambda^(1/L) written out, for lambda > 1 ... *)
Theorem pin_lem3_bound_gt1 : forall L lambda delta w, (1 <= L)%nat -> 1 < lambda ->
  0 < delta <= 1 / (INR L * Rpower lambda (2 * (INR L - 1) / INR L)) ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - Rpower lambda (/ INR L))
    <= (1 - delta * ((lambda - 1) / (Rpower lambda (/ INR L) - 1))) ^ k
       * Rabs (1 - Rpower lambda (/ INR L)).
Proof. exact Lem3.lem3_bound_gt1. Qed.
Print Assumptions pin_lem3_bound_gt1.

(** ... and for lambda < 1. *)
Theorem pin_lem3_bound_lt1 : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda < 1 ->
  0 < delta <= (1 - Rpower lambda (/ INR L)) / (1 - lambda) ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall k i, (i < L)%nat ->
    Rabs (w k i - Rpower lambda (/ INR L))
    <= (1 - delta * (INR L * Rpower lambda (2 * (INR L - 1) / INR L))) ^ k
       * Rabs (1 - Rpower lambda (/ INR L)).
Proof. exact Lem3.lem3_bound_lt1. Qed.
Print Assumptions pin_lem3_bound_lt1.

Theorem pin_lem3_converges : forall L lambda delta w, (1 <= L)%nat -> 0 < lambda ->
  0 < delta <= delta_c L lambda ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (root L lambda).
Proof. exact Lem3.lem3_converges. Qed.
Print Assumptions pin_lem3_converges.

(** ** Example 1: (2/3) |x|^(3/2) *)

Theorem pin_ex1_loss : forall x, x <> 0 ->
  ex1_loss x = 2 / 3 * Rpower (Rabs x) (3 / 2).
Proof. exact Ex1.ex1_loss_Rpower. Qed.
Print Assumptions pin_ex1_loss.

(** The derivative, also at 0. *)
Theorem pin_ex1_gradient : forall x,
  derivable_pt_lim ex1_loss x (sgn x * sqrt (Rabs x)).
Proof. exact Ex1.ex1_gradient. Qed.
Print Assumptions pin_ex1_gradient.

Theorem pin_ex1_runs : forall delta x,
  descent1 ex1_loss delta x <-> forall k, x k = iter (ex1_step delta) k (x O).
Proof. exact Ex1.ex1_descent. Qed.
Print Assumptions pin_ex1_runs.

Theorem pin_ex1_equilibrium : forall delta x, 0 < delta ->
  (ex1_step delta x = x <-> x = 0).
Proof. exact Ex1.ex1_equilibrium. Qed.
Print Assumptions pin_ex1_equilibrium.

Theorem pin_ex1_orbit : forall delta, 0 < delta ->
  ex1_step delta (delta ^ 2 / 4) = - (delta ^ 2 / 4) /\
  ex1_step delta (- (delta ^ 2 / 4)) = delta ^ 2 / 4.
Proof. exact Ex1.ex1_orbit. Qed.
Print Assumptions pin_ex1_orbit.

(** x = delta^2 y removes delta. *)
Theorem pin_ex1_scaling : forall delta x k, 0 < delta ->
  iter (ex1_step delta) k x = delta ^ 2 * iter g k (x / delta ^ 2).
Proof. exact Ex1.ex1_scaling. Qed.
Print Assumptions pin_ex1_scaling.

(** Exactly the starts in delta^2 S reach 0. *)
Theorem pin_ex1_reaches_iff : forall delta x, 0 < delta -> descent1 ex1_loss delta x ->
  ((exists k, x k = 0) <-> inS (x O / delta ^ 2)).
Proof. exact Ex1.ex1_reaches_iff. Qed.
Print Assumptions pin_ex1_reaches_iff.

Theorem pin_ex1_countable :
  exists e : nat -> R, forall y, inS y -> exists n, e n = y.
Proof. exact Ex1.S_countable. Qed.
Print Assumptions pin_ex1_countable.

(** Every other start converges to the orbit: the even and the odd iterates tend to
    delta^2/4 and -delta^2/4, or the other way round. *)
Theorem pin_ex1_converges : forall delta x, 0 < delta -> descent1 ex1_loss delta x ->
  ~ inS (x O / delta ^ 2) ->
  exists sigma, (sigma = 1 \/ sigma = -1) /\
    Un_cv (fun k => (-1) ^ k * x k) (sigma * (delta ^ 2 / 4)).
Proof. exact Ex1.ex1_converges. Qed.
Print Assumptions pin_ex1_converges.

(** The orbit is superstable. *)
Theorem pin_ex1_quadratic : forall y, 0 < Rabs y < 1 ->
  0 <= / 4 - Rabs (g y) <= 4 * (/ 4 - Rabs y) ^ 2.
Proof. exact Ex1.g_quadratic. Qed.
Print Assumptions pin_ex1_quadratic.

(** ** Example 3: x^L, L even, L > 2 *)

Theorem pin_ex3_gradient : forall L x, (2 <= L)%nat ->
  derivable_pt_lim (fun y => y ^ L) x (INR L * x ^ (L - 2) * x).
Proof. exact Ex3.ex3_gradient. Qed.
Print Assumptions pin_ex3_gradient.

Theorem pin_ex3_runs : forall L delta x, (2 <= L)%nat ->
  (descent1 (fun y => y ^ L) delta x <-> forall k, x k = iter (ex3_step L delta) k (x O)).
Proof. exact Ex3.ex3_descent. Qed.
Print Assumptions pin_ex3_runs.

Theorem pin_ex3_converges : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  Rabs (x O) < ex3_threshold L delta -> Un_cv x 0.
Proof. exact Ex3.ex3_converges. Qed.
Print Assumptions pin_ex3_converges.

(** Inside, no geometric bound holds (unless the run hits 0 exactly). *)
Theorem pin_ex3_sublinear : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  Rabs (x O) < ex3_threshold L delta -> (forall k, x k <> 0) ->
  forall b C, 0 <= b < 1 -> exists k, C * b ^ k < Rabs (x k).
Proof. exact Ex3.ex3_sublinear. Qed.
Print Assumptions pin_ex3_sublinear.

Theorem pin_ex3_diverges : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  ex3_threshold L delta < Rabs (x O) -> cv_infty (fun k => Rabs (x k)).
Proof. exact Ex3.ex3_diverges. Qed.
Print Assumptions pin_ex3_diverges.

(** On the threshold: x_0, -x_0, x_0, ..., of period exactly 2. *)
Theorem pin_ex3_cycle : forall L delta, Nat.Even L -> (2 < L)%nat -> 0 < delta ->
  forall x, descent1 (fun y => y ^ L) delta x ->
  Rabs (x O) = ex3_threshold L delta ->
  x O <> 0 /\ forall k, x k = (-1) ^ k * x O.
Proof. exact Ex3.ex3_cycle. Qed.
Print Assumptions pin_ex3_cycle.

(** ** Corollaries 1 and 2, for the chain of scalar weights *)

(** Arithmetic and geometric mean, with its case of equality. *)
Theorem pin_cor1_amgm : forall a n, (1 <= n)%nat -> (forall i, (i < n)%nat -> 0 <= a i) ->
  Prod a n <= (Sum a n / INR n) ^ n /\
  (Prod a n = (Sum a n / INR n) ^ n <->
   forall i j, (i < n)%nat -> (j < n)%nat -> a i = a j).
Proof. exact Cor1.amgm. Qed.
Print Assumptions pin_cor1_amgm.

(** The Hessian of the chain loss at a minimum. *)
Theorem pin_cor1_hessian : forall L lambda w i j, lambda <> 0 -> Prod w L = lambda ->
  (i < L)%nat -> (j < L)%nat ->
  partial2 (chain_loss L lambda) w i j ((lambda / w i) * (lambda / w j)).
Proof. exact Cor1.chain_hessian. Qed.
Print Assumptions pin_cor1_hessian.

(** Its largest eigenvalue is lambda^2 (1/w_1^2 + ... + 1/w_L^2). *)
Theorem pin_cor1_sharpness : forall L lambda w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda ->
  sharpness (chain_loss L lambda) w L (lambda ^ 2 * Sum (fun i => / w i ^ 2) L).
Proof. exact Cor1.cor1_sharpness. Qed.
Print Assumptions pin_cor1_sharpness.

(** The stability threshold of any minimum is at most that of a balanced one. *)
Theorem pin_cor1_threshold : forall L lambda w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda ->
  2 / (lambda ^ 2 * Sum (fun i => / w i ^ 2) L) <= 2 / balanced_sharpness L (Rabs lambda).
Proof. exact Cor1.cor1_threshold. Qed.
Print Assumptions pin_cor1_threshold.

Theorem pin_cor1_equality : forall L lambda w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda ->
  (2 / (lambda ^ 2 * Sum (fun i => / w i ^ 2) L) = 2 / balanced_sharpness L (Rabs lambda) <->
   forall i j, (i < L)%nat -> (j < L)%nat -> Rabs (w i) = Rabs (w j)).
Proof. exact Cor1.cor1_equality. Qed.
Print Assumptions pin_cor1_equality.

(** Beyond the bound every minimum has a multiplier below -1. *)
Theorem pin_cor1_unstable : forall L lambda delta w, (1 <= L)%nat -> lambda <> 0 ->
  Prod w L = lambda -> 2 / balanced_sharpness L (Rabs lambda) < delta ->
  exists m, sharpness (chain_loss L lambda) w L m /\ 1 - delta * m < -1.
Proof. exact Cor1.cor1_unstable. Qed.
Print Assumptions pin_cor1_unstable.

(** Beyond the bound, a run from equal weights converges to lambda^(1/L) only if it lands on
    it exactly after finitely many steps. *)
Theorem pin_cor1_must_land : forall L lambda delta w x, (1 <= L)%nat -> 0 < lambda ->
  2 / balanced_sharpness L lambda < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = x) ->
  Un_cv (fun k => w k O) (root L lambda) ->
  exists k, forall i, (i < L)%nat -> w k i = root L lambda.
Proof. exact Cor1.cor1_must_land. Qed.
Print Assumptions pin_cor1_must_land.

(** Corollary 2 is Corollary 1 solved for lambda. *)
Theorem pin_cor2_equivalent : forall L lambda delta, (2 <= L)%nat -> 0 < lambda -> 0 < delta ->
  (delta <= 2 / balanced_sharpness L lambda <->
   lambda <= Rpower (2 / (INR L * delta)) (INR L / (2 * INR L - 2))).
Proof. exact Cor1.cor2. Qed.
Print Assumptions pin_cor2_equivalent.

(** ** Lemma 4: w_1 = ... = w_L = 1 at the start, target lambda < 0 *)

Theorem pin_lem4_converges : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (2 <= L)%nat -> delta <= 1 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof. exact Lem4.lem4_converges. Qed.
Print Assumptions pin_lem4_converges.

(** The convergence is slower than any geometric sequence for L >= 3. *)
Theorem pin_lem4_sublinear : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (3 <= L)%nat -> delta < 1 / (1 - lambda) ->
  forall b C, 0 <= b < 1 -> forall i, (i < L)%nat -> exists k, C * b ^ k < Rabs (w k i).
Proof. exact Lem4.lem4_sublinear. Qed.
Print Assumptions pin_lem4_sublinear.

(** L = 1 refutes the lemma as printed: the limit is lambda, not 0. *)
Theorem pin_lem4_refuted_L1 : forall lambda delta w,
  lambda < 0 -> 0 < delta <= 1 / (1 - lambda) ->
  descent (chain_loss 1 lambda) 1 delta w -> w O O = 1 ->
  Un_cv (fun k => w k O) lambda /\ ~ Un_cv (fun k => w k O) 0.
Proof. exact Lem4.lem4_refuted_L1. Qed.
Print Assumptions pin_lem4_refuted_L1.

(** For even L the exact threshold is 2/(1 - lambda): below ... *)
Theorem pin_lem4_even_converges : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (2 <= L)%nat -> Nat.Even L -> delta < 2 / (1 - lambda) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof. exact Lem4.lem4_even_converges. Qed.
Print Assumptions pin_lem4_even_converges.

(** ... at (the 2-cycle 1, -1) ... *)
Theorem pin_lem4_even_cycle : forall L lambda delta w, lambda < 0 ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (2 <= L)%nat -> Nat.Even L -> delta = 2 / (1 - lambda) ->
  forall k i, (i < L)%nat -> w k i = (-1) ^ k.
Proof. exact Lem4.lem4_even_cycle. Qed.
Print Assumptions pin_lem4_even_cycle.

(** ... and above. *)
Theorem pin_lem4_even_diverges : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  (2 <= L)%nat -> Nat.Even L -> 2 / (1 - lambda) < delta ->
  forall i, (i < L)%nat -> cv_infty (fun k => Rabs (w k i)).
Proof. exact Lem4.lem4_even_diverges. Qed.
Print Assumptions pin_lem4_even_diverges.

(** For odd L and lambda = - r^L the limit is -r for steps just beyond 1/(1 - lambda)
    (up to two bounds that leave room for every small r). *)
Theorem pin_lem4_odd_sharp : forall L lambda delta w, lambda < 0 -> 0 < delta ->
  descent (chain_loss L lambda) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall r, (3 <= L)%nat -> Nat.Odd L -> 0 < r -> lambda = - r ^ L ->
  1 / (1 - lambda) < delta -> delta <= (1 + r) / (1 - lambda) ->
  delta <= 1 / (INR L * r ^ (2 * (L - 1))) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) (- r).
Proof. exact Lem4.lem4_odd_sharp. Qed.
Print Assumptions pin_lem4_odd_sharp.

(** For odd L the condition is not necessary: L = 3, lambda = -1, delta = 221/200. *)
Theorem pin_lem4_odd_reentry : 1 / (1 - -1) < 221 / 200 /\
  forall w, descent (chain_loss 3 (-1)) 3 (221 / 200) w ->
  (forall i, (i < 3)%nat -> w O i = 1) ->
  forall i, (i < 3)%nat -> Un_cv (fun k => w k i) 0.
Proof. exact Lem4.lem4_odd_reentry. Qed.
Print Assumptions pin_lem4_odd_reentry.

(** ** Theorem 2, for the singular 1 x 1 matrix R = (0) *)

Theorem pin_thm2_singular_converges : forall L delta w, (2 <= L)%nat ->
  0 < delta <= 1 / INR L ->
  descent (chain_loss L 0) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall i, (i < L)%nat -> Un_cv (fun k => w k i) 0.
Proof. exact Thm2.thm2_singular_converges. Qed.
Print Assumptions pin_thm2_singular_converges.

(** The linear rate that Theorem 2 states does not hold. *)
Theorem pin_thm2_rate_refuted : forall L delta w, (2 <= L)%nat ->
  0 < delta <= 1 / INR L ->
  descent (chain_loss L 0) L delta w -> (forall i, (i < L)%nat -> w O i = 1) ->
  forall b C, 0 <= b < 1 -> forall i, (i < L)%nat -> exists k, C * b ^ k < Rabs (w k i).
Proof. exact Thm2.thm2_rate_refuted. Qed.
Print Assumptions pin_thm2_rate_refuted.
